"""Moments: the best instants of each star, captured by themselves."""
