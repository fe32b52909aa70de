"""Pages of owners (``owner``) and of those who were given a link (``viewer``)."""
