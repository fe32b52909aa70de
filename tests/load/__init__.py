"""Load scripts: each measures one promise and prints its figures."""
