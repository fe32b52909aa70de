"""Reading video files: what they are, and their pictures at exact times."""
