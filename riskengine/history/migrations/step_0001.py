"""The first tables: assessments, outcomes, and whose turn it is to write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "riskengine_assessment",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("project_key", sa.String(400), nullable=False, index=True),
        sa.Column("project", sa.String(200), nullable=False),
        sa.Column("department", sa.String(200)),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("corrects", sa.String(32)),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("answered_by", sa.Text, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
    )
    op.create_table(
        "riskengine_outcome",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("project_key", sa.String(400), nullable=False, index=True),
        sa.Column("project", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("failed_by", sa.String(100)),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("corrects", sa.String(32)),
    )
    turn = op.create_table(
        "riskengine_turn",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("writes", sa.Integer, nullable=False),
    )
    op.bulk_insert(turn, [{"id": 1, "writes": 0}])
