"""Photos taken in quick succession."""
