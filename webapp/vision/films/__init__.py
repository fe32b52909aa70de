"""Films: read as sources, analysed for moments, and made out of pictures."""
