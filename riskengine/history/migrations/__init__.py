"""The steps by which a database comes to the tables of today, one module each."""
