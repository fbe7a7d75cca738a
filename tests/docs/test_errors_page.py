"""The page of error codes is made from the catalogue, is fresh, and says everything about every code."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from riskengine.errors import CATALOGUE

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "errors.md").read_text("utf-8")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def section(code: str) -> str:
    found = re.search(rf"^### {code}: .*?(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None, f"{code} has no heading"
    return found.group()


def test_generated_pages_are_fresh(generate: ModuleType) -> None:
    assert generate.stale() == [], "run `python docs/generate.py`"


def test_the_script_checks_from_any_folder_and_writes_nothing_then(tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in DOCS.rglob("*.md")}
    command = [sys.executable, str(DOCS / "generate.py"), "--check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert {path: path.stat().st_mtime_ns for path in DOCS.rglob("*.md")} == before


def test_a_stale_page_is_named(generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    assert generate.main(["--check"]) == 1
    assert not list(tmp_path.iterdir())
    assert generate.main([]) == 0
    assert (tmp_path / "errors.md").read_text("utf-8") == PAGE
    assert generate.main(["--check"]) == 0
    assert generate.main(["--chekc"]) == 2


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_has_heading_severity_explanation_and_both_examples(code: str) -> None:
    entry, text = CATALOGUE[code], section(code)
    assert text.startswith(f"### {code}: {entry.title}\n*{entry.severity}*\n")
    assert entry.explanation in text
    assert f"Faulty:\n```text\n{entry.faulty}\n```" in text
    assert f"Corrected:\n```text\n{entry.corrected}\n```" in text


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_entry_is_written_out_in_sentences(code: str) -> None:
    entry = CATALOGUE[code]
    assert re.fullmatch(r"RE-[1-9]\d\d", code)
    assert entry.severity in ("error", "warning", "note")
    assert not entry.title.endswith(".")
    assert entry.explanation.endswith(".")
    assert entry.faulty
    assert entry.corrected
    assert entry.faulty != entry.corrected or code == "RE-900"


def test_the_page_has_no_codes_but_those_of_the_catalogue_in_their_order() -> None:
    assert re.findall(r"^### (RE-\d+)", PAGE, re.MULTILINE) == sorted(CATALOGUE)


def test_every_code_that_the_package_uses_is_in_the_catalogue() -> None:
    import riskengine

    package = Path(riskengine.__file__).parent
    used = {code for path in package.rglob("*.py") for code in re.findall(r"\bRE-\d{3}\b", path.read_text("utf-8"))}
    assert used <= set(CATALOGUE)
