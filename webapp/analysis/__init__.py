"""What was found in a photo: faces, names, emotions and the portrait version."""
