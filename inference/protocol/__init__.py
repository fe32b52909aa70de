"""What the web process and the inference process say to each other: each message once."""
