"""One camera while it is connected: its stream, its viewers, its moments and its limits."""
