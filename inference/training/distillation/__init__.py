"""What embedder C learns from its teacher: faces, views of them, and the teacher itself."""
