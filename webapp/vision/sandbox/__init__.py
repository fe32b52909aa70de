"""Files from outside: opened by limited child processes only."""
