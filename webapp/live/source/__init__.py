"""Server-side sources: video files and cameras that film as a browser would."""
