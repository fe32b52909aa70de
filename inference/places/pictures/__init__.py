"""Places in pictures, one module for each kind of structure."""
