"""A tall film that follows one star through a wide one."""
