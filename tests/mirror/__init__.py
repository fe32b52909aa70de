"""An app for tests that start real processes: downloads come from a server of this machine."""
