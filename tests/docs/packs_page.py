"""The blocks of YAML on `docs/packs.md`, put together to the files that their first lines name."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["PAGE", "files_on_page", "text_of", "write_packs"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "packs.md"
_BLOCK = re.compile(r"^```yaml\n# (?P<name>\S+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of() -> str:
    """Give the page."""
    return PAGE.read_text("utf-8")


def files_on_page() -> dict[str, str]:
    """Give the content of each file; its pieces stand on the page in their order.

    The first line of a block, which names the file, stays as a comment, so that lines are those of the page.
    """
    files: dict[str, str] = {}
    for found in _BLOCK.finditer(text_of()):
        piece = f"# {found['name']}\n{found['body']}"
        files[found["name"]] = files.get(found["name"], "") + piece
    return files


def write_packs(folder: Path) -> None:
    """Write the files of the page below a folder."""
    for name, content in files_on_page().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
