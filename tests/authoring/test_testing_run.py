"""Tests run: what differs, why, and that a test holds if and only if the engine finds what it says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle import states
from random_packs import Shape, answers_to, choice, number, random_pack, rule, write_pack, yes_no
from tiny_pack import write_tiny

import riskengine
from riskengine.authoring.testing.project_tests import Bounds
from riskengine.authoring.testing.run import Difference, Report, Why, run_tests, written
from riskengine.authoring.testing.words import difference_lines, summary
from riskengine.errors import ProblemError
from riskengine.logic.conditions import Value
from riskengine.pack.gates import asked
from riskengine.pack.model import STATES, Pack
from riskengine.pack.source import yaml_text


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "tiny")


def run(folder: Path, text: str) -> Report:
    (folder / "own.test.yaml").write_text(text, "utf-8")
    return run_tests(folder)


def differences(report: Report) -> list[Difference]:
    return [difference for outcome in report.failed for difference in outcome.differences]


def lines(report: Report) -> list[str]:
    return [line for outcome in report.failed for line in difference_lines(outcome)]


# --- by example --------------------------------------------------------------------------------------------


def test_what_is_as_expected_holds(tiny: Path) -> None:
    text = "tests:\n  - {name: a, answers: {team_size: 1, has_owner: no}, fires: [thin-team, lonely-team]}\n"
    report = run(tiny, text)
    assert report.failed == ()
    assert summary(report) == "test-pack 1: 4 examples of 2 rules and 1 test in 1 file; all hold"


def test_a_rule_in_another_state_says_which_and_why(tiny: Path) -> None:
    report = run(tiny, "tests:\n  - name: a\n    answers: {team_size: 3}\n    fires: [lonely-team]\n")
    (one,) = differences(report)
    assert (one.about, one.expected, one.actual) == ("lonely-team", "fires", "ruled_out")
    assert (one.source.line, one.source.column) == (4, 13)
    assert one.why == Why((("team_size", 3),), (("thin-team", "ruled_out"),), ())
    assert lines(report) == [
        "- lonely-team fires  (line 4)",
        "+ lonely-team is ruled out",
        "    because team_size is 3",
        "    so thin-team is ruled out",
    ]
    assert summary(report).endswith("1 of 5 failed")


def test_a_possible_finding_names_the_questions_that_it_depends_on(tiny: Path) -> None:
    report = run(tiny, "tests:\n  - {name: a, answers: {team_size: 1}, ruled_out: [lonely-team]}\n")
    assert lines(report) == ["- lonely-team is ruled out", "+ lonely-team is possible", "    it depends on has_owner"]


def test_what_does_not_apply_is_said_as_it_is_written(tiny: Path) -> None:
    text = "tests:\n  - {name: a, answers: {stage: live, users: n/a}, fires: [live-and-thin]}\n"
    assert "    because users is n/a" in lines(run(tiny, text))


def test_each_expectation_is_compared_by_itself(tiny: Path) -> None:
    text = (
        "tests:\n  - {name: a, answers: {team_size: 1}, fires: [thin-team, lonely-team], possible: [live-and-thin]}\n"
    )
    assert [one.about for one in differences(run(tiny, text))] == ["lonely-team"]


def test_a_conclusion_that_nothing_establishes_is_ruled_out_whatever_the_answers(tmp_path: Path, tiny: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "pack.yaml").write_text("name: own\nversion: '1'\nextends: ../tiny\n", "utf-8")
    (own / "rules.yaml").write_text("rules:\n  - {id: thin-team, off: true}\n", "utf-8")
    report = run(own, "tests:\n  - {name: a, answers: {}, possible: [lonely-team]}\n")
    assert lines(report)[-1] == "    whatever the answers are"


def test_an_example_that_fails_is_a_failure_and_no_mistake_of_the_pack(tiny: Path) -> None:
    rules = tiny / "rules.yaml"
    rules.write_text(
        rules.read_text("utf-8").replace("{team_size: 5}, state: ruled_out", "{team_size: 5}, state: fires")
    )
    report = run_tests(tiny)
    assert [one.test.name for one in report.failed] == ["thin-team, example 2"]
    assert lines(report)[:2] == ["- thin-team fires", "+ thin-team is ruled out"]
    with pytest.raises(ProblemError, match="RE-207"):
        riskengine.assess({}, pack=tiny)


def test_other_mistakes_of_a_pack_are_mistakes(tiny: Path) -> None:
    rules = tiny / "rules.yaml"
    rules.write_text(rules.read_text("utf-8").replace("{team_size: 5}", "{teem_size: 5}"))
    with pytest.raises(ProblemError, match="RE-201"):
        run_tests(tiny)


def test_only_own_examples_run_in_a_pack_that_extends(tmp_path: Path, tiny: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "pack.yaml").write_text("name: own\nversion: '1'\nextends: ../tiny\n", "utf-8")
    report = run_tests(own)
    assert report.outcomes == ()
    assert summary(report) == "own 1: no rules of its own, and no tests"


def test_a_one_file_pack_runs_its_examples(tmp_path: Path, tiny: Path) -> None:
    from riskengine.cli import main

    with pytest.raises(SystemExit):
        main(["rules", "build", str(tiny), "-o", str(tmp_path / "one.json")])
    assert summary(run_tests(tmp_path / "one.json")) == "test-pack 1: 4 examples of 2 rules; all hold"


@pytest.mark.parametrize("text", ["THIN-team", "own.test", "a small"])
def test_a_filter_looks_into_names_and_files(tiny: Path, text: str) -> None:
    (tiny / "own.test.yaml").write_text(
        "tests:\n  - {name: A small team, answers: {team_size: 1}, fires: [thin-team]}\n", "utf-8"
    )
    names = [one.test.name for one in run_tests(tiny, text).outcomes]
    examples = ["thin-team, example 1", "thin-team, example 2"]
    assert names == (examples if text == "THIN-team" else ["A small team"])


def test_a_filter_that_nothing_has_is_a_mistake(tiny: Path) -> None:
    with pytest.raises(ProblemError, match="RE-804 no example and no test has `zzz`"):
        run_tests(tiny, "zzz")


# --- numbers -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield write_tiny(tmp_path_factory.mktemp("counted") / "tiny")


def test_the_probability_is_that_of_an_assessment(counted: Path) -> None:
    answers = {"team_size": 1, "has_owner": "no"}
    probability = riskengine.assess(answers, pack=counted).probability
    text = "tests:\n"
    for name, low, high in (("in", probability, probability), ("low", 0, 0.3), ("high", (1 + probability) / 2, 1)):
        bounds = f"{{at_least: {low!r}, at_most: {high!r}}}"
        text += f"  - {{name: {name}, answers: {{team_size: 1, has_owner: no}}, probability: {bounds}}}\n"
    report = run(counted, text)
    assert [one.test.name for one in report.failed] == ["low", "high"]
    assert [one.actual for one in differences(report)] == [probability] * 2
    assert lines(report)[:2] == [
        "- probability is at least 0 % and at most 30 %",
        f"+ probability is {100 * probability:.2f} %",
    ]


def test_one_bound_is_enough_and_the_risk_level_is_compared(counted: Path) -> None:
    text = "tests:\n  - {name: a, answers: {team_size: 1}, probability: {at_most: 0.1}, risk_level: low}\n"
    found = [(one.about, one.expected, one.actual) for one in differences(run(counted, text))]
    probability, level = found
    assert isinstance(probability[1], Bounds)
    assert probability[0] == "probability"
    assert level == ("risk_level", "low", "high")


def test_numbers_are_shown_even_while_an_example_fails(counted: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(counted, tmp_path / "broken")
    rules = folder / "rules.yaml"
    rules.write_text(
        rules.read_text("utf-8").replace("{team_size: 5}, state: ruled_out", "{team_size: 5}, state: fires")
    )
    report = run(folder, "tests:\n  - {name: a, answers: {team_size: 1}, probability: {at_most: 0.1}}\n")
    assert [one.about for one in differences(report)] == ["thin-team", "probability"]
    sound = riskengine.assess({"team_size": 1}, pack=counted).probability
    assert differences(report)[1].actual == pytest.approx(sound)


# --- whatever the pack -------------------------------------------------------------------------------------

SHAPE = Shape(questions=8, conclusions=4, rules=6, wide=0, below=400)


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Pack, Path]]:
    where = tmp_path_factory.mktemp("random")
    found = []
    for seed in range(6):
        pack = random_pack(seed, where, SHAPE)
        (folder,) = where.glob(f"{seed}-*")
        found.append((pack, folder))
    return found


def without_unasked(pack: Pack, answers: Mapping[str, Value]) -> dict[str, Value]:
    """Leave out the answers to questions that are not asked: a test must not give them."""
    kept = dict(answers)
    while unasked := [one for one, state in asked(pack, kept).items() if state is False and one in kept]:
        for question in unasked:
            del kept[question]
    return kept


def entry(pack: Pack, answers: Mapping[str, Value]) -> dict[str, object]:
    """What a test says that expects what the oracle finds."""
    found: dict[str, list[str]] = {"fires": [], "possible": [], "ruled_out": []}
    for id, state in states(pack, answers)[0].items():
        found[STATES[state]].append(id)
    return {"name": "drawn", "answers": {one: written(value) for one, value in answers.items()}, **found}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_test_holds_if_and_only_if_it_says_what_is_found(packs: list[tuple[Pack, Path]], data: st.DataObject) -> None:
    pack, folder = data.draw(st.sampled_from(packs))
    answers = without_unasked(pack, data.draw(answers_to(pack)))
    right = entry(pack, answers)
    assert run(folder, yaml_text({"tests": [right]})).failed == ()

    flipped = data.draw(st.sampled_from([one.id for one in pack.rules]))
    state = data.draw(st.sampled_from(("fires", "possible", "ruled_out")))
    listed = right[state]
    assert isinstance(listed, list)
    assume(flipped not in listed)
    wrong: dict[str, object] = {
        key: [one for one in value if one != flipped] if isinstance(value, list) else value
        for key, value in right.items()
    }
    wrong[state] = [*listed, flipped]
    (one,) = differences(run(folder, yaml_text({"tests": [wrong]})))
    assert (one.about, one.expected) == (flipped, state)
    assert flipped in right[str(one.actual)]  # type: ignore[operator]


def test_the_reasons_given_are_enough_by_themselves(tmp_path: Path) -> None:
    questions = [yes_no("a"), choice("b", ("low", "high")), number("c", 0, 10)]
    write_pack(tmp_path, questions, [rule("r", {"any": [{"a": "yes"}, {"b": "high", "c": {"above": 3}}]})])
    report = run(tmp_path, "tests:\n  - {name: x, answers: {a: 'no', b: low, c: 9}, fires: [r]}\n")
    (one,) = differences(report)
    assert one.why == Why((("a", "no"), ("b", "low")), (), ())
