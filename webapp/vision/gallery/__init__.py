"""What stored embeddings say; no network is loaded."""
