"""Users, the one-time set-up of the owner, sessions and consent."""
