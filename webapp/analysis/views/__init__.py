"""Pages of photos and people, and what is found and corrected on them."""
