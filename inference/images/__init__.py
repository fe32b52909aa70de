"""Picture files: headers, pixels, colour, metadata, and what may be known of a place in them."""
