"""How photos come in: uploads, folders of this machine, and where they go."""
