"""The best instants of every star: scoring faces, choosing frames, learning a taste."""
