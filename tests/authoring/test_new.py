"""`riskengine rules new`: a pack that checks and tests at once, and never over what is there."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from cli.run import nothing_but, run
from jsonschema import Draft202012Validator

import riskengine
from riskengine.authoring.coverage.measure import measure
from riskengine.authoring.new_pack import write_new_pack
from riskengine.authoring.testing.run import run_tests
from riskengine.errors import ProblemError
from riskengine.pack.json_schemas import file_schema
from riskengine.pack.nodes import plain
from riskengine.pack.read import read_pack
from riskengine.pack.source import read_yaml

FILES = ("pack.yaml", "projects.test.yaml", "questionnaire.yaml", "rules.yaml", "schemas", "sources.yaml")


def test_the_new_pack_checks_and_tests_at_once(tmp_path: Path) -> None:
    done = run("rules", "new", "my-house", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert nothing_but(tmp_path, "my-house")
    folder = tmp_path / "my-house"
    assert nothing_but(folder, *FILES)
    files = [Path(line) for line in done.stdout.splitlines()]
    assert {path.name for path in files} == {*FILES} - {"schemas"}
    for command in ("check", "test"):
        done = run("rules", command, folder)
        assert (done.returncode, done.stderr) == (0, ""), command


def test_it_extends_the_shipped_pack_by_a_question_and_a_rule(tmp_path: Path) -> None:
    write_new_pack("my-house", tmp_path)
    own = read_pack(tmp_path / "my-house")
    shipped = riskengine.load_pack().pack
    assert own.name == "my-house"
    assert len(own.questions) == len(shipped.questions) + 1
    (added,) = set(own.rule) - set(shipped.rule)
    assert {example.state for example in own.rule[added].examples} == {"fires", "possible", "ruled_out"}
    assert dict(own.sources)[own.rule[added].sources[0]]


def test_all_of_it_is_covered_and_tested(tmp_path: Path) -> None:
    write_new_pack("my-house", tmp_path)
    coverage = measure(tmp_path / "my-house")
    assert coverage.below(100) == ()
    assert coverage.uncounted == ()
    assert len(coverage.rules) == 1
    report = run_tests(tmp_path / "my-house")
    assert report.failed == ()
    assert [one.test.example_of for one in report.outcomes].count(None) == 1


def test_each_file_names_its_schema_and_fits_it(tmp_path: Path) -> None:
    write_new_pack("my-house", tmp_path)
    for path in (tmp_path / "my-house").glob("*.yaml"):
        found = re.match(r"# yaml-language-server: \$schema=schemas/(\w+)\.schema\.json\n", path.read_text("utf-8"))
        assert found is not None, path.name
        assert (path.parent / "schemas" / f"{found[1]}.schema.json").is_file()
        node = read_yaml(path.read_bytes(), path.name)
        assert node is not None
        Draft202012Validator(file_schema(found[1])).validate(plain(node))


def test_it_is_made_in_the_current_folder_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("rules", "new", "my-house")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == f"my-house{os.sep}pack.yaml"
    assert nothing_but(tmp_path, "my-house")


@pytest.mark.parametrize(
    "name",
    ["", "My-House", "my house", "my_house", "-house", "house-", "../house", "a/b", ".", "7", "ü", "x" * 65, "a\x1b"],
)
def test_what_is_no_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"RE-804 `.*` is no name for a pack\n  help: small letters"):
        write_new_pack(name, tmp_path)
    assert nothing_but(tmp_path)


def test_the_name_of_the_shipped_pack_is_taken(tmp_path: Path) -> None:
    done = run("rules", "new", "riskengine", "-o", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "RE-804 `riskengine` is the name of the shipped pack" in done.stderr
    assert nothing_but(tmp_path)


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_there_is_never_overwritten(kind: str, tmp_path: Path) -> None:
    there = tmp_path / "my-house"
    if kind == "folder":
        there.mkdir()
    elif kind == "file":
        there.write_text("mine", "utf-8")
    else:
        there.symlink_to(tmp_path / "nowhere")
    done = run("rules", "new", "my-house", "-o", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "RE-801 the new pack cannot be written: it is there already" in done.stderr
    assert nothing_but(tmp_path, "my-house")
    assert kind != "folder" or nothing_but(there)
    assert kind != "file" or there.read_text("utf-8") == "mine"


def test_a_folder_that_is_not_there_is_no_place_for_it(tmp_path: Path) -> None:
    done = run("rules", "new", "my-house", "-o", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "RE-801" in done.stderr
    assert nothing_but(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such mask there")
def test_its_files_are_as_readable_as_the_user_has_it(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_new_pack("my-house", tmp_path)
    finally:
        os.umask(mask)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path, *(tmp_path / "my-house").rglob("*"))}
    assert (tmp_path / "my-house").stat().st_mode & 0o777 == 0o750
    assert modes["rules.yaml"] == 0o640
