"""Who can be recognised: groups, people and their enrolled references."""
