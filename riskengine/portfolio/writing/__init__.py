"""Tables out: frames as bytes that can be put behind one another."""
