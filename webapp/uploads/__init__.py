"""Files on their way here: the tus server, which knows no kind of upload by name."""
