"""Three-valued conditions and their two rails; knows nothing of files."""
