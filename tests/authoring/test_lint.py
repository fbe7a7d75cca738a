"""Each doubt about a pack is reported once, where it is, and a pack in order has none."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from cli.run import run
from faults import BASE, FAULTY, LINTED, expected, found, stand_up
from random_packs import choice, number, rule, write_pack, yes_no

from riskengine.authoring.lint import check, lint
from riskengine.errors import CATALOGUE, Problem
from riskengine.pack.locate import shipped

CODES = {code for code, entry in CATALOGUE.items() if "RE-218" <= code <= "RE-249" and entry.severity != "error"}


def problems_of(folder: Path) -> tuple[Problem, ...]:
    """Check a case; one that speaks of a time limit has that much time."""
    text = "".join(path.read_text("utf-8") for path in folder.rglob("*.yaml"))
    limit = re.search(r"^# time limit: (\d+)$", text, re.MULTILINE)
    return check(folder, float(limit[1]) if limit else None).problems


@pytest.mark.parametrize("case", LINTED)
def test_a_doubtful_pack_is_loaded_with_exactly_its_doubts(case: str, tmp_path: Path) -> None:
    folder = stand_up(case, tmp_path, "linted")
    problems = problems_of(folder)
    assert found(problems, folder) == expected(folder)
    assert case[:6] in {problem.code for problem in problems}
    for one in problems:
        assert one.severity in ("warning", "note")
        assert one.message[0] in "`" or one.message[0].islower()
        assert one.help and not one.help.endswith(".")
        assert "\n" not in one.message + one.help
        assert one.value


def test_every_code_of_a_lint_has_a_case() -> None:
    assert {name[:6] for name in LINTED} == CODES


def test_a_small_pack_in_order_has_no_doubts() -> None:
    assert check(BASE).problems == ()


def test_the_shipped_pack_has_no_doubts() -> None:
    assert check(shipped("rules")).problems == ()


def test_problems_come_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    rules = [rule(one, {one: "yes"}) for one in ("a", "b")]
    write_pack(tmp_path / "pack", [yes_no("a"), yes_no("b"), yes_no("c")], rules)
    problems = check(tmp_path / "pack").problems
    places = [(one.source.file, one.source.line) for one in problems]
    assert places == sorted(places)
    # two kinds of each rule, one rule after the other
    assert [one.value for one in problems] == ["c", "a", "a", "b", "b"]


def test_the_same_pack_gives_the_same_report_in_every_process(tmp_path: Path) -> None:
    folder = stand_up("RE-235-through-not", tmp_path, "linted")
    first = run("rules", "check", folder, "--json", PYTHONHASHSEED="1").stdout
    assert first == run("rules", "check", folder, "--json", PYTHONHASHSEED="2").stdout
    assert "RE-235" in first


# --- the command -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "code"), [([], 0), (["--strict"], 1)])
def test_warnings_fail_only_if_they_shall(option: list[str], code: int, tmp_path: Path) -> None:
    done = run("rules", "check", stand_up("RE-231-no-source", tmp_path, "linted"), *option)
    assert done.returncode == code
    assert re.search(r"more\.yaml:6:13: warning RE-231 the weight of `small-team` has no source\n  help: ", done.stdout)
    assert done.stdout.endswith("; no mistakes, 1 warning\n")
    assert done.stderr == ""


def test_notes_never_fail(tmp_path: Path) -> None:
    folder = stand_up("RE-240-no-time", tmp_path, "linted")
    done = run("rules", "check", folder, "--strict", "--time-limit", "0")
    assert done.returncode == 0
    assert done.stdout.endswith("; no mistakes, 2 notes\n")
    assert "give it more time with `--time-limit`" in done.stdout


def test_what_is_undecided_without_time_is_decided_with_it(tmp_path: Path) -> None:
    folder = stand_up("RE-240-no-time", tmp_path, "linted")
    codes = [one.code for one in check(folder).problems]
    assert codes == ["RE-224"]


def test_mistakes_go_to_standard_error_and_nothing_else_is_looked_at(tmp_path: Path) -> None:
    folder = stand_up("RE-201-condition", tmp_path)
    done = run("rules", "check", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "RE-201" in done.stderr


def test_leverage_is_listed_the_largest_first() -> None:
    done = run("rules", "check", BASE, "--leverage")
    head, *rows, summary = done.stdout.splitlines()
    assert head.split() == ["question", "leverage", "share", "asked"]
    assert [row.split()[0] for row in rows] == ["team_size", "has_owner", "stage", "users"]
    values = [float(row.split()[1]) for row in rows]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0 == values[-1]
    assert summary.startswith("tiny 1: ")


def test_a_pack_in_one_file_is_checked_like_its_folder(tmp_path: Path) -> None:
    folder, built = stand_up("RE-231-no-source", tmp_path, "linted"), tmp_path / "pack.json"
    assert run("rules", "build", folder, "-o", built).returncode == 0
    done = run("rules", "check", built)
    assert done.returncode == 0
    assert f"{built}: warning RE-231" in done.stdout


@pytest.mark.parametrize("option", [("--format", "xml"), ("--time-limit", "-1"), ("--time-limit", "soon")])
def test_an_option_that_is_none_is_refused(option: tuple[str, str]) -> None:
    done = run("rules", "check", BASE, *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert option[0] in done.stderr


def test_what_a_pack_says_does_not_reach_the_terminal_as_a_command(tmp_path: Path) -> None:
    folder = tmp_path / "pack\x07\x9b2J"
    shutil.copytree(stand_up("RE-231-no-source", tmp_path, "linted"), folder)
    for form in ("text", "github"):
        done = run("rules", "check", folder, "--format", form)
        assert "RE-231" in done.stdout
        assert "\x07" not in done.stdout and "\x9b" not in done.stdout


# --- packs that extend another -----------------------------------------------------------------------------


def extending(tmp_path: Path, case: str, rules: str) -> Path:
    """Write a pack that extends a doubtful one."""
    base = stand_up(case, tmp_path, "linted")
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "pack.yaml").write_text(f"name: own\nversion: 1\nextends: ../{base.name}\n".replace(": 1", ': "1"'))
    (folder / "rules.yaml").write_text(f"area: team\nrules:\n{rules}")
    return folder


@pytest.mark.parametrize(
    "case", ["RE-221-whatever-is-answered", "RE-223-question-and-quantity", "RE-224-two-tests", "RE-231-no-source"]
)
def test_the_doubts_of_the_extended_pack_are_its_own_affair(case: str, tmp_path: Path) -> None:
    assert check(extending(tmp_path, case, "  - {id: thin-team, weight: 0.45}\n")).problems == ()


def test_a_rule_is_compared_with_those_of_the_extended_pack(tmp_path: Path) -> None:
    mine = (
        "  - id: mine\n    title: Mine\n    when: {team_size: {below: 2}}\n    weight: 0.2\n    sources: [study]\n"
        "    examples:\n      - {answers: {team_size: 1}, state: fires}\n"
        "      - {answers: {team_size: 2}, state: ruled_out}\n"
    )
    (problem,) = check(extending(tmp_path, "RE-223-question-and-quantity", mine)).problems
    assert (problem.code, problem.value) == ("RE-226", "mine")
    assert "`thin-team`" in problem.message


# --- what is by design and no doubt ------------------------------------------------------------------------


def codes_of(folder: Path, *args: object, **head: object) -> list[str]:
    pack = write_pack(folder, *args, **head)  # type: ignore[arg-type]
    about = {"RE-231", "RE-232", "RE-229"}
    return [one.code for one in lint(pack, folder) if one.code not in about]


def test_a_compound_that_implies_its_part_is_no_doubt(tmp_path: Path) -> None:
    rules = [
        rule("part", {"a": "yes"}, 0.4, concludes="part"),
        rule("compound", {"all": ["part", {"b": "yes"}]}, 0.2),
        rule("other", {"b": "yes"}, 0.4),
    ]
    assert codes_of(tmp_path / "pack", [yes_no("a"), yes_no("b")], rules) == []


def test_of_two_rules_that_only_conclude_the_same_one_is_needed(tmp_path: Path) -> None:
    rules = [rule(one, {"a": "yes"}, 0, concludes="fact") for one in ("first", "second")]
    pack = write_pack(tmp_path / "pack", [yes_no("a")], [*rules, rule("use", {"all": ["fact"]}, 0.4)])
    assert [one.value for one in lint(pack) if one.code == "RE-225"] == ["second"]


def test_a_heavier_rule_within_a_lighter_one_of_its_group_is_no_doubt(tmp_path: Path) -> None:
    rules = [
        rule("few", {"n": {"below": 5}}, 0.4, group="n"),
        rule("fewer", {"n": {"below": 2}}, 0.7, group="n"),
    ]
    assert codes_of(tmp_path / "pack", [number("n", 1, 10, "low")], rules) == []


def test_a_group_that_grades_level_by_level_is_monotone(tmp_path: Path) -> None:
    # each rule alone goes up and down; the group as a whole only up: that is proved, not seen
    rules = [
        rule("some", {"all": [{"n": {"at_least": 3, "below": 5}}, {"a": "yes"}]}, 0.4, group="n"),
        rule("many", {"all": [{"n": {"at_least": 5}}, {"a": "yes"}]}, 0.7, group="n"),
    ]
    assert codes_of(tmp_path / "pack", [number("n", 1, 10, "high"), yes_no("a")], rules) == []


def test_what_outweighs_a_drop_elsewhere_is_taken_into_account(tmp_path: Path) -> None:
    questions = [number("n", 1, 10, "high"), yes_no("a")]
    drop = rule("drops", {"n": {"below": 5}, "a": "yes"}, 0.3)
    light, heavy = (rule("rises", {"n": {"at_least": 5}}, weight) for weight in (0.2, 0.3))
    assert codes_of(tmp_path / "light", questions, [drop, light]) == ["RE-235"]
    assert codes_of(tmp_path / "heavy", questions, [drop, heavy]) == []


def test_a_level_that_a_quantity_counts_is_told_apart(tmp_path: Path) -> None:
    questions = [choice("a", ["low", "middle", "high"]), number("n", 0, 5)]
    quantities = [{"id": "both", "text": "Both", "sum": ["a", "n"]}]
    rules = [rule("high", {"a": "high"}, 0.1), rule("much", {"both": {"above": 3}}, 0.1)]
    assert codes_of(tmp_path / "counted", questions, rules, quantities) == []
    rules[1] = rule("much", {"n": {"above": 3}}, 0.1)
    assert codes_of(tmp_path / "tested", questions, rules) == ["RE-228"]


def test_a_question_that_only_opens_another_is_read(tmp_path: Path) -> None:
    questions = [yes_no("first", "none"), yes_no("second", "none", ask_when={"first": "yes"})]
    questions += [yes_no("third", ask_when={"second": "yes"}), yes_no("fourth", "none")]
    questions[2]["due_when"] = {"first": "yes"}
    codes = codes_of(tmp_path / "pack", questions, [rule("r", {"third": "yes"}, 0.1)])
    assert codes == ["RE-223"]


def test_rules_that_a_conclusion_joins_may_fire_together(tmp_path: Path) -> None:
    questions = [yes_no("a", "none"), choice("b", list("abcdefghw"), "none")]
    part = rule("part", {"a": "yes"}, 0.4, concludes="part")
    narrower = {"b": {"is_not": "w"}}
    joined = rule("joined", {"all": ["part", narrower]}, 0.2)
    apart = rule("apart", {"all": [{"a": "yes"}, narrower]}, 0.2)
    use = rule("use", {"not": "part", "b": "w"}, 0.1)
    assert codes_of(tmp_path / "joined", questions, [part, joined, use]) == []
    assert codes_of(tmp_path / "apart", questions, [part, apart, use]) == ["RE-234"]


def test_an_example_may_answer_what_waits_for_its_gate(tmp_path: Path) -> None:
    questions = [yes_no("gate", "none"), yes_no("a", ask_when={"gate": "yes"})]
    examples = [
        {"answers": {"a": "yes"}, "state": "possible"},
        {"answers": {"gate": "yes", "a": "yes"}, "state": "fires"},
        {"answers": {"gate": "no"}, "state": "ruled_out"},
    ]
    assert codes_of(tmp_path / "pack", questions, [rule("r", {"a": "yes"}, examples=examples)]) == []


@pytest.mark.parametrize(
    ("when", "message"),
    [
        (
            {"a": "yes", "n": {"below": 2}, "all": [{"n": {"above": 5}}]},
            "`n: {below: 2}` and `n: {above: 5}` can never both hold",
        ),
        (
            {"all": [{"n": {"at_most": 4}}, {"any": [{"n": {"at_least": 6}}, {"a": "no"}]}, {"a": "yes"}]},
            "`n: {at_most: 4}`, `any: [{n: {at_least: 6}}, {a: no}]` and `a: yes` can never all hold",
        ),
        ({"any": [{"n": {"above": 10}}, {"a": "yes"}]}, "`n: {above: 10}` can never hold"),
    ],
)
def test_of_parts_that_exclude_each_other_only_those_are_named(when: object, message: str, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack", [yes_no("a"), number("n", 0, 10)], [rule("r", when)])
    (problem,) = (one for one in lint(pack, tmp_path / "pack") if one.code == "RE-224")
    assert problem.message.startswith(f"`r`: {message}")


def test_faulty_folders_are_named_after_what_they_show() -> None:
    for path in (FAULTY / "linted").iterdir():
        assert re.fullmatch(r"RE-\d{3}-[a-z-]+", path.name)
