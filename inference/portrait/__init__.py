"""Portrait mode: a photo whose background is out of focus."""
