"""Where a photo or a film was taken, taken out of its file; no pixel or sound is touched."""
