"""Pages that belong to no app, and what is said of and added to every answer."""
