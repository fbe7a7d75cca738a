"""Two states of a pack compared: what changed in it, and what that does to projects."""
