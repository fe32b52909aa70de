"""Taking photos out of Encore: files with their names, dates and folders, in one ZIP."""
