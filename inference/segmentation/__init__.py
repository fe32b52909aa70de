"""Person masks: which pixels of a photo belong to people."""
