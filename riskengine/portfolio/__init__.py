"""A table of projects: read, scored, its broken rows rejected."""
