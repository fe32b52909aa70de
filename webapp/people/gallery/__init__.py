"""References as they are compared: what changed, what they teach, which are left out."""
