"""Bursts whose best frame is known, and what choosing one costs."""
