"""The processes of an installation: started, kept alive, counted, and given regular work."""
