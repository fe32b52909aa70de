"""Live: cameras whose faces are named while they film, and those who watch."""
