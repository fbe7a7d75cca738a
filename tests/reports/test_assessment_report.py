"""`assess --report`: the report of one project, at the command line."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
import yaml
from cli.run import nothing_but, run
from random_packs import random_answers, random_pack

from riskengine.assessment.build import build, built_to_json

CASE = Path(__file__).parents[2] / "data/cases/babylon-symptom-checker.yaml"


def words(page: str) -> str:
    """Give the text of a page, without its marks."""
    body = re.sub(r"<(style|svg).*?</\1>", " ", page.partition("<body>")[2], flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def reported(tmp_path: Path, answers: Path | str, *more: object) -> tuple[str, dict[str, object]]:
    done = run("assess", answers, "--report", tmp_path / "report.html", "--json", *more)
    assert done.returncode == 0, done.stderr
    return (tmp_path / "report.html").read_text(), json.loads(done.stdout)


def test_it_says_what_the_assessment_says(tmp_path: Path) -> None:
    page, result = reported(tmp_path, CASE)
    text = words(page)
    assert f"{100 * result['probability']:.0f} %" in text
    for low, high in result["range"].values():
        assert f"{100 * low:.0f} to {100 * high:.0f} %" in text
    fires = [one for one in result["findings"] if one["state"] == "fires"]
    assert fires
    for one in fires:
        assert one["title"] in text
        if one["replaced_by"] is None and one["effect"]:
            points = f"{abs(one['effect']):.1f}"
            assert f"{'+' if one['effect'] > 0 else chr(0x2212)}{points} points" in text or points == "0.0"
    for one in result["next_questions"]:
        assert one["text"] in text
    for one in result["warnings"]:
        assert one["message"][1:] in text


def test_it_needs_no_network_and_no_script(tmp_path: Path) -> None:
    page, _ = reported(tmp_path, CASE)
    assert "<script" not in page
    assert "<link" not in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert len(page.encode()) < 200_000


def test_it_is_the_same_on_every_run(tmp_path: Path) -> None:
    assert reported(tmp_path, CASE)[0] == reported(tmp_path, CASE)[0]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a\u202eb", "x" * 10_000, "=cmd()", "👩‍👩‍👧 \U0001f600"])
def test_hostile_names_are_text(name: str, tmp_path: Path) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"project": name, "answers": {}}))
    page, _ = reported(tmp_path, answers)
    assert "<script" not in page
    assert "\u202e" not in page
    shown = name[:80].replace("\u202e", "[U+202E]")
    assert shown in words(page)


def test_a_project_of_which_nothing_is_known_has_a_page(tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("{}")
    text = words(reported(tmp_path, answers)[0])
    assert "A project without a name" in text
    assert "No finding that fires raises the probability." in text


def test_the_readers_own_base_rate_is_named(tmp_path: Path) -> None:
    text = words(reported(tmp_path, CASE, "--base-rate", 0.2)[0])
    assert "20 % of such projects fail, by the reader's own figure" in text


def test_without_history_it_says_so(tmp_path: Path) -> None:
    assert "No history." in words(reported(tmp_path, CASE, "--model", "none")[0])


@pytest.mark.parametrize("seed", range(3))
def test_any_pack_has_a_page(seed: int, tmp_path: Path) -> None:
    built = build(random_pack(seed, tmp_path / "pack"))
    file = tmp_path / "pack.json"
    file.write_text(json.dumps(built_to_json(built)))
    known = {
        key: value for key, value in random_answers(built.pack, seed, 3)[-1].items() if isinstance(value, (str, float))
    }
    answers = tmp_path / "answers.yaml"
    answers.write_text(yaml.safe_dump(known))
    text = words(reported(tmp_path, answers, "--rules", file)[0])
    for end in built.pack.ends:
        assert end.title in text


def test_where_it_cannot_be_written_nothing_is(tmp_path: Path) -> None:
    done = run("assess", CASE, "--report", tmp_path / "no" / "such" / "report.html")
    assert done.returncode == 2
    assert "RE-" in done.stderr
    assert nothing_but(tmp_path)
