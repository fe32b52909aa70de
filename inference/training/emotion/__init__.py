"""Training the emotion network: ``python -m inference.training.emotion``."""
