"""What the pages of moments show: the grid, the timeline, the ZIP, scores in words."""
