"""Messages to devices: what was found, told also while no page is open."""
