"""Files that strangers might upload: made from a seed, never stored."""
