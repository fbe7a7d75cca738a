"""`riskengine rules test` as an author and a build server use it: output, exit codes, JSON, JUnit, watching."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pexpect
import pytest
from cli.run import SCRIPT, run
from faults import stand_up
from tiny_pack import write_tiny

GOOD = "tests:\n  - name: a small team\n    answers: {team_size: 1}\n    fires: [thin-team]\n"
WRONG = "tests:\n  - name: a small team\n    answers: {team_size: 3}\n    fires: [thin-team]\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "tiny")


def test_a_pack_that_holds_says_so_in_a_line(pack: Path) -> None:
    (pack / "own.test.yaml").write_text(GOOD, "utf-8")
    done = run("rules", "test", pack)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "test-pack 1: 4 examples of 2 rules and 1 test in 1 file; all hold\n"


def test_the_shipped_pack_holds() -> None:
    done = run("rules", "test")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("riskengine ")
    assert done.stdout.endswith("all hold\n")


def test_a_failure_is_shown_with_its_place_and_ends_with_1(pack: Path) -> None:
    (pack / "own.test.yaml").write_text(WRONG, "utf-8")
    done = run("rules", "test", pack)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        f"{pack}/own.test.yaml:2:5: a small team",
        "  - thin-team fires  (line 4)",
        "  + thin-team is ruled out",
        "      because team_size is 3",
        "test-pack 1: 4 examples of 2 rules and 1 test in 1 file; 1 of 5 failed",
    ]


def test_a_file_with_mistakes_ends_with_2_and_runs_nothing(tmp_path: Path) -> None:
    folder = stand_up("many-mistakes", tmp_path, "tested")
    done = run("rules", "test", folder, "--junit", tmp_path / "out.xml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "own.test.yaml:6:13: RE-250 unknown rule `thin-taem`\n  help: did you mean `thin-team`?" in done.stderr
    assert not (tmp_path / "out.xml").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--filter", "zzz"], "RE-804"), (["--junit", "nowhere/out.xml"], "RE-801"), (["--watch", "--json"], "--watch")],
)
def test_a_usage_that_makes_no_sense_ends_with_2(pack: Path, arguments: list[str], code: str) -> None:
    done = run("rules", "test", pack, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert code in done.stderr


def test_a_folder_that_is_no_pack_is_refused_while_watching_too(tmp_path: Path) -> None:
    for more in ([], ["--watch"]):
        done = run("rules", "test", tmp_path / "nowhere", *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("RE-105") == 1


def test_a_name_cannot_steer_the_terminal(pack: Path) -> None:
    (pack / "own.test.yaml").write_text(WRONG.replace("a small team", '"a \\a\\b\\e[31mred team"'), "utf-8")
    shown = run("rules", "test", pack).stdout
    assert "red team" in shown
    assert not {"\a", "\b", "\x1b"} & set(shown)


def test_json_has_states_places_and_reasons(pack: Path) -> None:
    (pack / "own.test.yaml").write_text(WRONG + "    probability: {at_least: 0.99}\n", "utf-8")
    done = run("rules", "test", pack, "--json", "--filter", "own.test")
    assert (done.returncode, done.stderr) == (1, "")
    result = json.loads(done.stdout)
    assert {key: result[key] for key in ("ok", "name", "version", "run", "failed")} == {
        "ok": False,
        "name": "test-pack",
        "version": "1",
        "run": 1,
        "failed": 1,
    }
    (test,) = result["tests"]
    assert (test["name"], test["example_of"], test["holds"]) == ("a small team", None, False)
    rule, probability = test["differences"]
    assert rule == {
        "about": "thin-team",
        "expected": "fires",
        "actual": "ruled_out",
        "source": {"file": f"{pack}/own.test.yaml", "line": 4, "column": 13},
        "because": {"team_size": 3},
        "steps": [],
        "open": [],
    }
    assert probability["expected"] == {"at_least": 0.99}
    assert 0 < probability["actual"] < 0.99


# --- JUnit -------------------------------------------------------------------------------------------------

# what Jenkins' schema for the format (junit-10) allows of what is used here, and what it wants
ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"name", "time", "classname"},
    "failure": {"type", "message"},
}
NEEDED = {"testsuite": {"name", "tests", "failures", "errors"}, "testcase": {"name"}, "failure": set[str]()}
BELOW = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure"}, "failure": set[str]()}


def junit(pack: Path, folder: Path) -> ElementTree.Element:
    where = folder / "out.xml"
    done = run("rules", "test", pack, "--junit", where)
    assert done.returncode in (0, 1), done.stderr
    root = ElementTree.parse(where).getroot()
    assert root.tag == "testsuites"
    for parent in root.iter():
        assert set(parent.attrib) <= ALLOWED[parent.tag]
        assert set(parent.attrib) >= NEEDED.get(parent.tag, set())
        assert {child.tag for child in parent} <= BELOW[parent.tag]
    return root


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_test(pack: Path, tmp_path: Path) -> None:
    (pack / "own.test.yaml").write_text(WRONG, "utf-8")
    root = junit(pack, tmp_path)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "0")
    counts = [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root]
    assert counts == [(f"{pack}/rules.yaml", "4", "0"), (f"{pack}/own.test.yaml", "1", "1")]
    (case,) = root[1]
    assert (case.get("name"), case.get("classname")) == ("a small team", "test-pack.own")
    (failure,) = case
    assert failure.get("message") == "not as expected: thin-team"
    assert failure.text == "\n".join(
        [
            f"{pack}/own.test.yaml:2:5: a small team",
            "- thin-team fires  (line 4)",
            "+ thin-team is ruled out",
            "    because team_size is 3",
        ]
    )


def test_junit_is_the_same_on_every_run(pack: Path, tmp_path: Path) -> None:
    (pack / "own.test.yaml").write_text(WRONG, "utf-8")
    junit(pack, tmp_path)
    first = (tmp_path / "out.xml").read_bytes()
    junit(pack, tmp_path)
    assert (tmp_path / "out.xml").read_bytes() == first


def test_junit_holds_any_name(pack: Path, tmp_path: Path) -> None:
    (pack / "own.test.yaml").write_text(WRONG.replace("a small team", '"<a> & \\"b\\" ]]> \\u0007 ü"'), "utf-8")
    (case,) = junit(pack, tmp_path)[1]
    assert case.get("name") == '<a> & "b" ]]> \ufffd ü'


# --- watching ----------------------------------------------------------------------------------------------


class Watched:
    """`riskengine rules test --watch` in a terminal; every wait is for output."""

    def __init__(self, pack: Path) -> None:
        arguments = ["-c", SCRIPT, "rules", "test", str(pack), "--watch"]
        self._child: Any = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60, dimensions=(50, 300))

    def shows(self) -> str:
        """What it shows until it waits again."""
        self._child.expect_exact("waiting for changes; Ctrl-C ends")
        return str(self._child.before)

    def interrupted(self) -> int:
        self._child.sendintr()
        return self.ends()

    def ends(self) -> int:
        self._child.expect(pexpect.EOF)
        self._child.wait()
        return int(self._child.exitstatus)

    def close(self) -> None:
        self._child.close(force=True)


@pytest.fixture
def watched(pack: Path) -> Iterator[Watched]:
    one = Watched(pack)
    yield one
    one.close()


def test_watching_runs_again_after_each_change_and_survives_a_broken_pack(pack: Path, watched: Watched) -> None:
    assert "all hold" in watched.shows()
    (pack / "own.test.yaml").write_text(WRONG, "utf-8")
    shown = watched.shows()
    assert "changed: own.test.yaml" in shown
    assert "1 of 5 failed" in shown
    (pack / "own.test.yaml").write_text("tests: [", "utf-8")
    assert "RE-101" in watched.shows()
    (pack / "own.test.yaml").write_text(GOOD, "utf-8")
    assert "1 test in 1 file; all hold" in watched.shows().replace("\x1b[0m", "")
    (pack / "own.test.yaml").unlink()
    assert "4 examples of 2 rules; all hold" in watched.shows()
    assert watched.interrupted() == 130


def test_watching_sees_changes_of_the_pack_that_is_extended(tmp_path: Path, pack: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "pack.yaml").write_text("name: own\nversion: '1'\nextends: ../tiny\n", "utf-8")
    (own / "own.test.yaml").write_text(GOOD, "utf-8")
    watched = Watched(own)
    try:
        assert "all hold" in watched.shows()
        rules = pack / "rules.yaml"
        text = rules.read_text("utf-8").replace("{below: 2}", "{below: 1}").replace("{team_size: 1", "{team_size: 0.5")
        rules.write_text(text, "utf-8")
        shown = watched.shows()
        assert "changed: rules.yaml" in shown
        assert "1 of 1 failed" in shown
    finally:
        watched.close()


def test_watching_ends_when_the_pack_is_gone(pack: Path, watched: Watched) -> None:
    watched.shows()
    shutil.rmtree(pack)
    assert watched.ends() == 2
