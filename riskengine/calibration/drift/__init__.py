"""Does new history still fit: outcomes against what was predicted before they were known."""
