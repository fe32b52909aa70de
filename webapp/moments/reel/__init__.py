"""Reels: ordered, made by a worker, and removed once something that they show is gone."""
