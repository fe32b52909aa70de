"""Template tags of the analysis app."""
