"""Finding photos by words: a language, what it means for the database, and its pages."""
