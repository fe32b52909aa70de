"""Training: each network is made by one script that reads from top to bottom."""
