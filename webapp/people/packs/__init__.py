"""Star packs: a group as one file, so that fan clubs share who is who without sharing photos."""
