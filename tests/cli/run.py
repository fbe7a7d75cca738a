"""Runs the real command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = "import sys; from riskengine.cli import main; main(sys.argv[1:])"


def run(*arguments: object, stdin: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `riskengine` with these arguments; standard input is never a terminal."""
    content = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        input=content,
        capture_output=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "100", **environment},
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def nothing_but(folder: Path, *names: str) -> bool:
    """Say whether a folder holds just these files."""
    return sorted(path.name for path in folder.iterdir()) == sorted(names)
