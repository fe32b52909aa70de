"""Long fault tests: what is acknowledged survives every kill."""
