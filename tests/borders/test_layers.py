"""Each layer imports only from the layers that the table below allows, hidden imports included."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import riskengine

ROOT = Path(riskengine.__file__).parent

# In order: each layer, the layers of ours that it may import beside itself, and the packages at home in it.
_ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "errors": ("", ()),
    "logic": ("errors", ()),
    "pack": ("errors logic", ("yaml", "pydantic")),
    "engines": ("errors logic pack", ("durable", "narwhals")),
    "assessment": ("errors logic pack engines", ("pydantic",)),
    "authoring": (
        "errors logic pack engines assessment",
        ("z3", "yaml", "pydantic", "igraph", "junitparser", "watchfiles"),
    ),
    "reports": ("errors logic pack engines assessment", ("jinja2", "markupsafe", "altair", "vl_convert")),
    "calibration": ("errors logic pack engines assessment", ("sklearn", "numpy", "pydantic", "threadpoolctl")),
    "history": (
        "errors logic pack engines assessment calibration",
        ("sqlalchemy", "alembic", "platformdirs", "pydantic"),
    ),
    "portfolio": (
        "errors logic pack engines assessment authoring reports calibration history",
        ("polars", "narwhals", "numpy", "pydantic", "fastexcel", "xlsxwriter", "pyspark", "py4j"),
    ),
    "decisions": (
        "errors logic pack engines assessment authoring reports calibration history portfolio",
        ("scipy",),
    ),
    "forms": ("errors logic pack", ()),
    "service": (
        "errors logic pack engines assessment authoring reports calibration history portfolio decisions forms",
        ("fastapi",),
    ),
    "cli": (
        "errors logic pack engines assessment authoring reports calibration history portfolio decisions forms",
        ("typer", "rich", "questionary", "prompt_toolkit", "click"),
    ),
}
LAYERS = {name: (frozenset(ours.split()), frozenset(theirs)) for name, (ours, theirs) in _ROWS.items()}

# Where a package is at home in one module of its layer, and not in the others.
NARROWER = {
    ("assessment", "pydantic"): {"model_story", "result"},
    ("engines", "durable"): {"durable_rails"},
    ("authoring", "yaml"): {"yaml_tree"},
    ("authoring", "pydantic"): {"fmt"},
    ("calibration", "pydantic"): {"data"},
    ("history", "pydantic"): {"stored_assessment"},
    ("history", "platformdirs"): {"location"},
    ("portfolio", "pydantic"): {"summary"},
    ("reports", "jinja2"): {"page"},
    ("reports", "altair"): {"charts", "evaluation_charts"},
    ("reports", "vl_convert"): {"charts"},
}

# Offences that are known; this list only ever gets shorter.
KNOWN: set[tuple[str, str]] = set()

# Executors do not import one another: what they share belongs in `logic` or `pack`. A part belongs to its executor.
EXECUTORS = {"forward": {"durable_rails"}, "columnar": set[str](), "page": set[str]()}
SHARED = {"protocol"}


@dataclass(frozen=True)
class Import:
    """One import, wherever it stands."""

    where: Path
    line: int
    module: str

    @property
    def layer(self) -> str:
        return self.where.relative_to(ROOT).parts[0]

    @property
    def own_module(self) -> str:
        return self.where.relative_to(ROOT).with_suffix("").parts[-1]

    @property
    def offence(self) -> tuple[str, str]:
        return self.where.relative_to(ROOT).as_posix(), self.module.split(".")[0]

    def __str__(self) -> str:
        return f"{self.where.relative_to(ROOT.parent)}:{self.line}: {self.module}"


def imports_of(path: Path) -> Iterator[Import]:
    """Give all imports of a file: those inside functions and under TYPE_CHECKING too."""
    package = (ROOT.name, *path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(path, node.lineno, f"{base}.{alias.name}")
        elif isinstance(node, ast.Call) and _is_dynamic(node.func):
            names = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
            yield from (Import(path, node.lineno, name) for name in names if isinstance(name, str))


def _is_dynamic(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("import_module", "__import__")


def violation(one: Import) -> str | None:
    """Say what is wrong with an import, if anything is."""
    ours, theirs = LAYERS[one.layer]
    parts = one.module.split(".")
    if parts[0] != ROOT.name:
        return _foreign(one, parts[0], theirs)
    if len(parts) < 2 or parts[1] not in LAYERS:
        # the version stands at the top; anything else of the facade would close a circle
        return None if one.module == f"{ROOT.name}.__version__" else "imports the facade"
    if parts[1] != one.layer:
        return None if parts[1] in ours else f"`{one.layer}` does not import `{parts[1]}`"
    if one.layer == "engines" and len(parts) > 2:
        allowed = {one.own_module, *SHARED, *EXECUTORS.get(one.own_module, ())}
        return None if parts[2] in allowed else "executors do not import one another"
    return None


def _foreign(one: Import, package: str, theirs: frozenset[str]) -> str | None:
    if package in sys.stdlib_module_names:
        return None
    if package not in theirs:
        return f"`{package}` is not at home in `{one.layer}`"
    modules = NARROWER.get((one.layer, package))
    return None if modules is None or one.own_module in modules else f"`{package}` is at home in {sorted(modules)}"


def files() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT)


def test_every_folder_of_the_package_is_a_layer_of_the_table() -> None:
    folders = {path.name for path in ROOT.iterdir() if any(path.glob("*.py"))}
    assert folders <= set(LAYERS)


def test_layers_import_only_from_the_layers_above_them() -> None:
    every = [one for path in files() for one in imports_of(path)]
    assert len(every) > 100
    wrong = [one for one in every if violation(one) is not None and one.offence not in KNOWN]
    assert not wrong, "\n" + "\n".join(f"{one} ({violation(one)})" for one in wrong)


def test_the_list_of_known_offences_holds_none_that_is_mended() -> None:
    every = [one for path in files() for one in imports_of(path)]
    assert {one.offence for one in every if violation(one) is not None} >= KNOWN


def test_the_table_has_no_circle() -> None:
    order = list(LAYERS)
    for name, (ours, _) in LAYERS.items():
        assert all(order.index(other) < order.index(name) for other in ours)


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("logic/x.py", "from riskengine.pack import model", 1),
        ("logic/x.py", "def f():\n    from riskengine.pack.model import Pack", 2),
        ("logic/x.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import riskengine.pack.model", 3),
        ("logic/x.py", "from ..pack import model", 1),
        ("logic/x.py", "from .. import pack", 1),
        ("logic/x.py", "import importlib\nimportlib.import_module('riskengine.pack')", 2),
        ("pack/x.py", "import riskengine", 1),
        ("pack/x.py", "from riskengine import assess", 1),
        ("pack/x.py", "import durable.engine", 1),
        ("assessment/x.py", "import pydantic", 1),
        ("assessment/x.py", "import numpy", 1),
        ("reports/x.py", "from riskengine.portfolio import score", 1),
        ("engines/columnar.py", "from riskengine.engines.forward import find", 1),
        ("engines/forward.py", "from durable import engine", 1),
        ("cli/x.py", "from riskengine.service import app", 1),
    ],
)
def test_the_walk_finds_every_kind_of_violation(
    path: str, text: str, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path / "riskengine")
    file = tmp_path / "riskengine" / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    wrong = [one for one in imports_of(file) if violation(one) is not None]
    assert [str(one).rsplit(":", 1)[0] for one in wrong] == [f"riskengine/{path}:{line}"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("engines/forward.py", "from riskengine.engines.durable_rails import DurableRails"),
        ("engines/columnar.py", "from riskengine.engines.protocol import Findings"),
        ("engines/durable_rails.py", "from durable import engine"),
        ("assessment/result.py", "from pydantic import BaseModel"),
        ("assessment/x.py", "def f():\n    from riskengine import __version__"),
        (
            "pack/x.py",
            "from . import model\nfrom .model import Pack\nfrom ..errors import Problem\nimport json, os.path",
        ),
    ],
)
def test_the_walk_lets_pass_what_the_table_allows(
    path: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path / "riskengine")
    file = tmp_path / "riskengine" / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert [str(one) for one in imports_of(file) if violation(one) is not None] == []
