"""Pages of moments."""
