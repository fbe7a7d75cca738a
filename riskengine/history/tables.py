"""The tables of a history. Rows are added, never changed; only `delete` takes any away.

They are made by the migrations; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

from riskengine.assessment.names import MAX_DEPARTMENT
from riskengine.history.record import MAX_END, MAX_NAME

__all__ = ["ASSESSMENTS", "OUTCOMES", "TABLES", "TURN", "VERSION", "VERSION_TABLE"]

VERSION_TABLE = "riskengine_schema"
"""The table that says which migrations the database has had."""

TABLES = MetaData()

ASSESSMENTS = Table(
    "riskengine_assessment",
    TABLES,
    # the order in which they were recorded
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("project_key", String(2 * MAX_NAME), nullable=False, index=True),
    Column("project", String(MAX_NAME), nullable=False),
    Column("department", String(MAX_DEPARTMENT)),
    Column("date", String(10), nullable=False),
    Column("recorded_at", String(32), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("corrects", String(32)),
    Column("answers", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("versions", Text, nullable=False),
    Column("result", Text, nullable=False),
)

OUTCOMES = Table(
    "riskengine_outcome",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("project_key", String(2 * MAX_NAME), nullable=False, index=True),
    Column("project", String(MAX_NAME), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("failed_by", String(MAX_END)),
    Column("date", String(10), nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_at", String(32), nullable=False),
    Column("corrects", String(32)),
)

TURN = Table(
    "riskengine_turn",
    TABLES,
    # one row; who writes takes it first, so that writers follow one another on every database
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("writes", Integer, nullable=False),
)

# Alembic makes this one
VERSION = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))
