"""The tutorial as a script: its files are written, its commands are run, and what they print is put in.

    python tests/docs/tutorial.py --write

On the page, a block of `sh` is run, and the block of `text` after it is what it prints. A block that ends in `...`
shows only that many lines. A block of `yaml` is a file; its first line says which, and where in it:
`# NAME`, `# NAME, at the end`, or `# NAME, changed`, where each line takes the place of the one with the same key.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["PAGE", "mended"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
SCRIPT = "import sys; from riskengine.cli import main; main(sys.argv[1:])"

_BLOCK = re.compile(r"^```(?P<kind>sh|text|yaml)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (?P<name>\S+?)(, (?P<how>at the end|changed))?\n")


def _run(arguments: Sequence[str], folder: Path) -> str:
    """Run `riskengine` with these arguments, and give what a terminal of 90 columns would show."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "90", "XDG_CACHE_HOME": str(folder / ".cache")},
        timeout=120,
        check=False,
    )
    return done.stdout.decode()


def mended(page: str, folder: Path) -> str:
    """Go through the page and give it with what its commands print now.

    Args:
        page: The page.
        folder: An empty folder to work in.
    """
    printed = ""

    def block(found: re.Match[str]) -> str:
        nonlocal printed
        kind, body = found["kind"], found["body"]
        if kind == "yaml":
            _write(body, folder)
        elif kind == "sh":
            printed = "".join(_run(_arguments(line), folder) for line in body.splitlines())
        else:
            return f"```text\n{_as_shown(printed, body)}```"
        return found[0]

    return _BLOCK.sub(block, page)


def _arguments(line: str) -> list[str]:
    program, *arguments = shlex.split(line)
    assert program == "riskengine", line
    return arguments


def _as_shown(printed: str, before: str) -> str:
    lines = [line.rstrip() for line in printed.rstrip().splitlines()]
    if before.endswith("...\n"):
        lines = [*lines[: len(before.splitlines()) - 1], "..."]
    return "".join(f"{line}\n" for line in lines)


def _write(body: str, folder: Path) -> None:
    head = _FILE.match(body)
    assert head is not None, body
    path, content = folder / head["name"], body[head.end() :]
    if head["how"] is None:
        path.write_text(content, "utf-8")
        return
    text = path.read_text("utf-8")
    if head["how"] == "at the end":
        path.write_text(text + content, "utf-8")
        return
    for line in content.splitlines():
        key = line.partition(":")[0] + ":"
        old = [one for one in text.splitlines() if one.startswith(key)]
        assert len(old) == 1, (line, old)
        text = text.replace(f"{old[0]}\n", f"{line}\n")
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        right = mended(PAGE.read_text("utf-8"), Path(made))
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(right, "utf-8")
    else:
        sys.stdout.write(right)
