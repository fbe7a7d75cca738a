"""What is heavy is loaded where it is used, and not to print a help text."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "sklearn",
    "scipy",
    "numpy",
    "pandas",
    "polars",
    "narwhals",
    "pydantic",
    "durable",
    "fastapi",
    "sqlalchemy",
    "alembic",
    "z3",
    "igraph",
    "watchfiles",
    "fastexcel",
    "xlsxwriter",
)

_SCRIPT = """
import json, sys
sys.argv = ["riskengine", *json.loads(sys.argv[1])]
from riskengine.cli import main
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
finally:
    heavy = [name for name in {heavy!r} if name in sys.modules]
    print(json.dumps(heavy), file=sys.stderr)
"""


def loaded_by(script: str, *arguments: str) -> list[str]:
    """Run a script in a fresh process, and give the heavy packages that it had loaded at its end."""
    command = [sys.executable, "-c", script.format(heavy=HEAVY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stderr.splitlines()[-1]))


def test_the_help_of_the_command_line_loads_nothing_heavy() -> None:
    assert loaded_by(_SCRIPT, json.dumps(["--help"])) == []


@pytest.mark.parametrize("arguments", [["assess", "--help"], ["history", "add", "--help"], ["--version"]], ids=" ".join)
def test_reading_the_arguments_loads_nothing_heavy_of_our_own_accord(arguments: list[str]) -> None:
    # typer itself uses pydantic to read arguments
    assert set(loaded_by(_SCRIPT, json.dumps(arguments))) <= {"pydantic"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import json, sys, riskengine; riskengine.__version__, riskengine.NOT_APPLICABLE\n"
    script += "print(json.dumps([name for name in {heavy!r} if name in sys.modules]), file=sys.stderr)"
    assert loaded_by(script) == []


def test_scoring_needs_no_scikit_learn_and_no_numpy() -> None:
    script = "import json, sys, riskengine; riskengine.assess({{}})\n"
    script += "print(json.dumps([name for name in {heavy!r} if name in sys.modules]), file=sys.stderr)"
    assert set(loaded_by(script)) <= {"pydantic", "durable"}
