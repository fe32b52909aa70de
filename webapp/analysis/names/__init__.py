"""How faces get their names: galleries in memory, naming, matching anew, merging people."""
