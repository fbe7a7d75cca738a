"""Where the shipped pack and data are: inside the wheel, or in the checkout beside the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SHIPPED_NAME", "shipped"]

SHIPPED_NAME = "riskengine"
_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(*parts: str) -> Path:
    """Give the path of something in `rules/` or `data/`, such as `shipped("data", "pack.json")`."""
    inside = _PACKAGE / parts[0]
    root = _PACKAGE if inside.is_dir() else _PACKAGE.parent
    return root.joinpath(*parts)
