"""Faces that stay the same from frame to frame: following, naming and smoothing them."""
