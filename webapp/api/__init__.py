"""``/api/v1``: what pages do, for programs; the same queries read and the same services write."""
