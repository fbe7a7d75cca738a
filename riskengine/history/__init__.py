"""The record of assessments and of what became of the projects: SQLite in the box, any SQLAlchemy URL."""
