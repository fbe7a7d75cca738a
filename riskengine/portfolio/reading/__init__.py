"""Tables in: files found, opened, and given chunk by chunk as frames."""
