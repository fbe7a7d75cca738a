"""`riskengine score --report`: the numbers on the page, what it leaves out and says so, and what it refuses."""

from __future__ import annotations

import itertools
import math
import random
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest
from random_packs import random_answers, random_pack

from riskengine.logic.conditions import NOT_APPLICABLE
from riskengine.portfolio import tally
from riskengine.portfolio.reading import csv_table
from riskengine.reports.text import SPACE, amount, failures, percent, points
from tests.cli.run import nothing_but
from tests.cli.run import run as run_apart
from tests.portfolio.command import SMALL, run, run_small
from tests.reports.scored import Reported, report_on

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "portfolio.csv"
MONEY_CELLS = ["1200", " 300 ", "", "n/a", "2.5e3", "-5", "nan", "inf", "80", "0"]


def projects(size: int, seed: object = 0) -> list[dict[str, object]]:
    """Draw projects of the small pack, some of their questions open."""
    chance = random.Random(f"projects/{seed}")
    levels = {
        "owner": ["yes", "no", ""],
        "users_met": ["never", "once", "monthly", ""],
        "labels": ["nobody", "one", "two", "n/a", ""],
    }
    return [
        {
            "project": f"Project {number}",
            "people": chance.choice(["", 1, 2, 5, 9.5]),
            "work": chance.choice(["", 2, 14, 30, 60]),
            **{question: chance.choice(held) for question, held in levels.items()},
        }
        for number in range(1, size + 1)
    ]


def without_spaces(text: str) -> str:
    return text.replace(SPACE, " ")


def per_cent(share: float) -> str:
    return without_spaces(percent(share))


def money(value: float) -> str:
    return without_spaces(amount(value))


def span_of(low: float, high: float) -> str:
    return f"{per_cent(low).removesuffix(' %')} to {per_cent(high)}"


@pytest.fixture(scope="module")
def thirty(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    rows = [{**row, "budget": cell} for row, cell in zip(projects(30), itertools.cycle(MONEY_CELLS), strict=False)]
    return report_on(rows, tmp_path_factory.mktemp("thirty"))


# --- numbers -----------------------------------------------------------------------------------------------


def test_expected_failures_are_the_sum_of_the_probabilities(thirty: Reported) -> None:
    expected = failures(math.fsum(thirty.numbers("failure_probability")))
    assert thirty.page.title == f"About {expected} of 30 projects expected to fail"
    assert (1, f"About {expected} of 30 projects are expected to fail") in thirty.page.headings
    assert f"{expected} of 30" in thirty.page.text


def test_the_ranges_of_failures_are_those_of_all_projects_at_once(thirty: Reported) -> None:
    rows = dict(thirty.page.tables["What it depends on"])
    for words, low, high in (
        ("Shared error", "model_low", "model_high"),
        ("Open answers", "answers_low", "answers_high"),
    ):
        (found,) = [value for name, value in rows.items() if name.startswith(words)]
        assert found == " to ".join(failures(math.fsum(thirty.numbers(end))) for end in (low, high))


def distribution(probabilities: Sequence[float]) -> list[float]:
    """The distribution of the number of failures, by halves: that of a sum of two independent numbers."""
    if len(probabilities) == 1:
        return [1 - probabilities[0], probabilities[0]]
    half = len(probabilities) // 2
    first, second = distribution(probabilities[:half]), distribution(probabilities[half:])
    return [
        math.fsum(first[one] * second[k - one] for one in range(len(first)) if 0 <= k - one < len(second))
        for k in range(len(probabilities) + 1)
    ]


def test_the_chance_of_each_number_of_failures_is_shown(thirty: Reported) -> None:
    chances = distribution(thirty.numbers("failure_probability"))
    _, *rows = thirty.page.tables["Chance of each number of failures"]
    found = dict(rows)
    for number, chance in enumerate(chances):
        # what hardly ever happens is left out
        assert found.get(str(number)) == (per_cent(chance) if chance >= max(chances) / 1000 else None)
    summed = list(itertools.accumulate(chances))
    low = next(k for k, below in enumerate(summed) if below >= 0.05)
    high = next(k for k, below in enumerate(summed) if below >= 0.95)
    assert f"By chance alone {low} to {high};" in thirty.page.text
    assert f"between {low} and {high} fail" in thirty.page.charts[0]
    assert "It is worked out exactly." in thirty.page.text


def budgets(reported: Reported) -> list[float | None]:
    """Read the budgets again: not below 0, finite, blanks around them not counted."""
    usable = re.compile(r"\s*\d+(\.\d+)?(e\d+)?\s*")
    return [float(row["budget"]) if usable.fullmatch(row["budget"]) else None for row in reported.rows]


def at_risk(reported: Reported, column: str = "failure_probability", level: str | None = None) -> float:
    """The sum of probability times budget, where that is known."""
    return math.fsum(
        float(row[column]) * budget
        for row, budget in zip(reported.rows, budgets(reported), strict=True)
        if budget is not None and level in (None, row["risk_level"])
    )


def test_money_at_risk_is_probability_times_budget_where_it_is_known(thirty: Reported) -> None:
    text, known = thirty.page.text, [one for one in budgets(thirty) if one is not None]
    assert len(known) == 15
    assert f"\n{money(at_risk(thirty))}\nof {money(sum(known))} in all;" in text
    ends = [money(at_risk(thirty, column)) for column in ("model_low", "model_high")]
    assert (
        f"{ends[0]} to {ends[1]} if the rules are off alike. 15 projects without a usable budget are not in it." in text
    )
    assert "Budgets come from the column budget: 15 projects with a usable one, 15 without." in text


def test_ends_add_up_to_the_expected_failures(thirty: Reported) -> None:
    _, *rows = thirty.page.tables["Expected failures by how projects end"]
    for (title, expected, _, at_stake, _), end in zip(rows, ("cancelled", "unused"), strict=True):
        assert title == {"cancelled": "Cancelled", "unused": "Not used"}[end]
        assert expected == failures(math.fsum(thirty.numbers(f"end_{end}")))
        assert at_stake == money(at_risk(thirty, f"end_{end}"))


def test_levels_count_projects_failures_and_money(thirty: Reported) -> None:
    _, *rows = thirty.page.tables["By risk level"]
    assert len(rows) == 3
    for (title, many, expected, at_stake), level in zip(rows, ("high", "raised", "low"), strict=True):
        here = [float(row["failure_probability"]) for row in thirty.rows if row["risk_level"] == level]
        assert title.lower().startswith(level)
        assert (many, expected) == (str(len(here)), failures(math.fsum(here)))
        assert at_stake == money(at_risk(thirty, level=level))
    assert len({row["risk_level"] for row in thirty.rows}) == 3


def test_the_bins_count_every_project_once(thirty: Reported) -> None:
    _, *rows = thirty.page.tables["Projects by probability of failure"]
    found = {tuple(map(int, re.findall(r"\d+", name))): int(many) for name, many in rows}
    shares = [100 * p for p in thirty.numbers("failure_probability")]
    assert found == {
        (low, low + 5): many for low in range(0, 100, 5) if (many := sum(low <= p < low + 5 for p in shares))
    }


def test_the_quantiles_are_those_of_the_probabilities(thirty: Reported) -> None:
    ordered = sorted(thirty.numbers("failure_probability"))
    (found,) = re.findall(r"Half of the projects are at (.+?) or below", thirty.page.text)
    # the page counts projects in bins of a thousandth
    assert found in {per_cent(ordered[14]), per_cent(ordered[14] + 0.001)}


def test_the_ranking_is_by_probability_with_both_ranges(thirty: Reported) -> None:
    _, *rows = thirty.page.tables["Ranking by probability of failure"]
    order = sorted(range(30), key=lambda place: -float(thirty.rows[place]["failure_probability"]))
    known = budgets(thirty)
    assert len(rows) == 30
    for rank, (place, row) in enumerate(zip(order, rows, strict=True), start=1):
        scored = {name: float(cell) for name, cell in thirty.rows[place].items() if name.endswith(("low", "high"))}
        probability = float(thirty.rows[place]["failure_probability"])
        assert row[0] == f"{rank} {thirty.rows[place]['project']} row {place + 1}"
        assert row[1] == per_cent(probability)
        assert row[3].lower() == thirty.rows[place]["risk_level"]
        assert row[4] == span_of(scored["model_low"], scored["model_high"])
        assert row[5] == span_of(scored["answers_low"], scored["answers_high"])
        assert row[6] == per_cent(float(thirty.rows[place]["answered_share"]))
        budget = known[place]
        assert row[7] == ("not known" if budget is None else money(budget))
    assert [name for name, *_ in thirty.page.tables["Percentage points by area and project"]][2:] == [
        thirty.rows[place]["project"] for place in order
    ]


def test_the_heat_map_shows_what_an_area_adds(thirty: Reported) -> None:
    header, means, *rows = thirty.page.tables["Percentage points by area and project"]
    assert header == ["Project", "Team", "Goals", "Data"]
    found = {name: cells for name, *cells in rows}
    total, factor = [0.0, 0.0, 0.0], moderation(thirty)
    for row in thirty.rows:
        added = [float(row["failure_probability"]) - without(row, area, factor) for area in ("team", "goals", "data")]
        assert found[row["project"]] == [points(100 * one) for one in added]
        total = [sum(pair) for pair in zip(total, added, strict=True)]
    assert means == ["Mean of all 30", *(points(100 * one / 30) for one in total)]


def log_odds(p: float) -> float:
    return math.log(p / (1 - p))


def area_sum(row: Mapping[str, str]) -> float:
    return sum(float(row[f"area_{area}"]) for area in ("team", "goals", "data"))


def moderation(reported: Reported) -> float:
    """Work out by what log-odds are multiplied, from two projects of the table."""
    first, last = min(reported.rows, key=area_sum), max(reported.rows, key=area_sum)
    rise = log_odds(float(last["failure_probability"])) - log_odds(float(first["failure_probability"]))
    return rise / (area_sum(last) - area_sum(first))


def without(row: Mapping[str, str], area: str, moderation: float) -> float:
    less = log_odds(float(row["failure_probability"])) - moderation * float(row[f"area_{area}"])
    return 1 / (1 + math.exp(-less))


def test_findings_are_counted_and_those_of_most_worth_come_first(thirty: Reported) -> None:
    titles = {"labels-unchecked": "Nobody checks the labels", "nobody-answers": "Nobody in the business answers"}
    for rule, title in titles.items():
        many = sum(rule in row["findings"].split() for row in thirty.rows)
        (row,) = [row for row in shared(thirty) if row[0].startswith(title)]
        assert row[1] == f"{many} ({per_cent(many / 30)})"
    worth = [float(row[2]) for row in shared(thirty)]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > 0
    assert "These numbers don't add up" in thirty.page.text


def shared(reported: Reported) -> list[list[str]]:
    return reported.page.tables["Findings by the failures that their absence would avoid"][1:]


def test_answering_a_finding_away_avoids_what_the_page_says(tmp_path: Path) -> None:
    rows = [{**row, "labels": "nobody"} for row in projects(30, "labels")]
    before = report_on(rows, tmp_path, name="before")
    after = report_on([{**row, "labels": "one"} for row in rows], tmp_path, name="after")
    avoided = math.fsum(before.numbers("failure_probability")) - math.fsum(after.numbers("failure_probability"))
    (row,) = [row for row in shared(before) if row[0].startswith("Nobody checks the labels")]
    assert row[1:3] == ["30 (100 %)", failures(avoided)]
    assert avoided > 1


# --- what is there to be said ------------------------------------------------------------------------------


def test_rejected_rows_are_counted_and_their_file_is_named(tmp_path: Path) -> None:
    done = report_on("project,people\nA,1\nB,many\nC,\n", tmp_path)
    assert (done.ran.returncode, len(done.rows)) == (3, 2)
    assert "3 rows read, 2 scored, 1 rejected: the reasons are in now.csv.rejects.csv." in done.page.text
    assert "1 of 3 rows were rejected." in done.page.text


def test_of_no_valid_row_there_is_nothing_to_say_and_the_page_says_that(tmp_path: Path) -> None:
    done = report_on("project,people,budget\nA,many,5\n", tmp_path)
    page = done.page
    assert page.title == "No project could be scored"
    assert "1 row read, 0 scored, 1 rejected" in page.text
    assert [text for depth, text in page.headings if depth == 2] == ["How well these numbers are founded"]
    assert page.tables == {}


def test_one_project_is_one(tmp_path: Path) -> None:
    done = report_on("project,people,work\nA,1,60\n", tmp_path)
    (p,) = done.numbers("failure_probability")
    assert done.page.title == f"About {failures(p)} of 1 project expected to fail"
    assert done.page.tables["Chance of each number of failures"][1:] == [["0", per_cent(1 - p)], ["1", per_cent(p)]]
    assert len(done.page.tables["Ranking by probability of failure"]) == 2
    assert "1 projects" not in done.page.text


def test_without_names_rows_say_which_project_is_meant(tmp_path: Path) -> None:
    page = report_on("people,work\n1,60\n9,2\n", tmp_path).page
    _, first, second = page.tables["Ranking by probability of failure"]
    assert (first[0], second[0]) == ("1 without a name row 1", "2 without a name row 2")
    assert page.tables["Percentage points by area and project"][2][0] == "row 1"


def test_of_several_tables_each_row_says_which_it_is_of(tmp_path: Path) -> None:
    for name in ("north", "south"):
        (tmp_path / f"{name}.csv").write_text(f"project,people\n{name},1\n")
    done = run_small("score", tmp_path / "*th.csv", "-o", tmp_path / "out.jsonl", "--report", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    text = Reported(done, tmp_path / "r.html", []).page.text
    assert "Portfolio risk · north.csv, south.csv" in text
    assert "1 north row 1 of north.csv" in text
    assert "2 south row 1 of south.csv" in text


def test_equal_projects_are_listed_in_their_order(tmp_path: Path) -> None:
    rows = [{"project": f"P{number}", "people": 2, "work": 20} for number in range(25)]
    page = report_on(rows, tmp_path).page
    _, *ranked = page.tables["Ranking by probability of failure"]
    assert [row[0] for row in ranked] == [f"{number} P{number - 1} row {number}" for number in range(1, 26)]
    (_, many), *others = page.tables["Projects by probability of failure"][1:]
    assert (many, others) == ("25", [])


def test_without_budgets_no_money_is_shown_and_the_page_says_how_it_would_be(tmp_path: Path) -> None:
    page = report_on(projects(3), tmp_path).page
    assert "The table has no column of budgets: one that is called budget, or named with --budget." in page.text
    assert not any("Money" in cell for table in page.tables.values() for cell in table[0])


def test_of_budgets_that_are_none_no_money_is_shown_either(tmp_path: Path) -> None:
    page = report_on([{**row, "Budget approved": "yes"} for row in projects(3)], tmp_path).page
    assert "No cell of the column Budget approved is a number that a budget can be." in page.text
    assert "0 projects with a usable one, 3 without." in page.text
    assert not any("Money" in cell for table in page.tables.values() for cell in table[0])


@pytest.mark.parametrize("column", ["cost", "Budget EUR"])
def test_the_column_of_budgets_can_be_named_and_its_currency_is_shown(column: str, tmp_path: Path) -> None:
    rows = [{**row, "cost": 10, "Budget EUR": 1000} for row in projects(4)]
    done = report_on(rows, tmp_path, "--budget", column)
    expected = math.fsum(done.numbers("failure_probability"))
    assert f"Budgets come from the column {column}" in done.page.text
    assert (
        f"\n{'EUR ' if 'EUR' in column else ''}{money(expected * (10 if column == 'cost' else 1000))}\n"
        in done.page.text
    )


def test_budgets_of_a_typed_table_are_read_too(tmp_path: Path) -> None:
    table = tmp_path / "typed.parquet"
    pl.DataFrame({"project": ["A", "B"], "people": [1.0, 2.0], "budget": [100, None]}).write_parquet(table)
    done = run_small("score", table, "-o", tmp_path / "out.csv", "--report", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    assert "1 project with a usable one, 1 without." in Reported(done, tmp_path / "r.html", []).page.text


@pytest.mark.parametrize(
    ("column", "cells", "said"),
    [
        ("made_up", ["yes", "Yes "], "All projects are marked as made up in the column made_up."),
        ("Synthetic", ["1", "no"], "1 of the 2 projects are marked as made up in the column Synthetic."),
        ("synthetic", ["true", ""], "1 of the 2 projects are marked as made up in the column synthetic."),
    ],
)
def test_made_up_projects_make_every_number_synthetic(
    column: str, cells: Sequence[str], said: str, tmp_path: Path
) -> None:
    rows = [{**row, "budget": 5, column: cell} for row, cell in zip(projects(2), cells, strict=True)]
    page = report_on(rows, tmp_path).page
    assert said in page.text
    assert page.title.endswith("(synthetic)")
    named = {text.removesuffix(" synthetic") for _, text in page.headings if text.endswith(" synthetic")}
    about = "How well these numbers are founded", "At a glance", "The advice to these"
    assert {text for _, text in page.headings} - {f"{name} synthetic" for name in named} == set(about)


def test_a_table_that_says_no_such_thing_is_not_called_synthetic(thirty: Reported) -> None:
    assert not any("synthetic" in text for _, text in thirty.page.headings)
    assert "Synthetic data" not in thirty.page.text
    made_up_no = [{**row, "made_up": "no"} for row in projects(2)]
    assert "Synthetic data" not in report_on(made_up_no, thirty.html.parent, name="real").page.text


def test_ones_own_base_rate_is_said_to_be_that(tmp_path: Path) -> None:
    done = report_on(projects(5), tmp_path, "--base-rate", "0.25")
    assert "25 % of such projects fail, by the reader's own figure (--base-rate)." in done.page.text
    assert "40 % of such projects fail, by the pack." in report_on(projects(5), tmp_path).page.text


def test_a_trained_model_says_what_it_was_held_against(tmp_path: Path) -> None:
    text = report_on("project,stage\nA,idea\n", tmp_path, rules=ROOT / "rules").page.text
    assert re.search(r"held against 0 projects of one's own and published counts of [\d,]+ projects", text)
    assert "No project like those of this page, assessed before it ended, is among them." in text
    prior = report_on("project,stage\nA,idea\n", tmp_path, "--model", "none", rules=ROOT / "rules").page.text
    assert "No history. The weights are those of the pack's rules" in prior


@pytest.mark.parametrize("seed", [1, 4])
def test_another_pack_brings_its_own_ends_areas_and_levels(seed: int, tmp_path: Path) -> None:
    pack = random_pack(seed, tmp_path / "pack")
    rows = [
        {one.id: _cell(project.get(one.id)) for one in pack.questions} for project in random_answers(pack, seed, 20)
    ]
    (folder,) = (tmp_path / "pack").iterdir()
    done = report_on(rows, tmp_path, rules=folder)
    page = done.page
    assert failures(math.fsum(done.numbers("failure_probability"))) in page.title
    assert [row[0] for row in page.tables["Expected failures by how projects end"][1:]] == [
        end.title for end in pack.ends
    ]
    assert [row[0].split()[0] for row in page.tables["By risk level"][1:]] == ["High", "Low"]
    assert [name.removeprefix("area_") for name in done.rows[0] if name.startswith("area_")] == [
        name.lower() for name in page.tables["Percentage points by area and project"][0][1:]
    ]


def _cell(value: object) -> str:
    return "" if value is None else "n/a" if value is NOT_APPLICABLE else str(value)


# --- what changed ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reported, Reported]:
    """Forty projects, and a later run of thirty of them, some with other answers, with five new ones."""
    folder = tmp_path_factory.mktemp("changed")
    before = projects(40, "before")
    other = projects(40, "after")
    after = [{**other[place], **before[place]} if place % 3 else other[place] for place in range(30)]
    new = [{**row, "project": f"=new {number}"} for number, row in enumerate(projects(5, "new"))]
    nameless = {**projects(1)[0], "project": ""}
    first = report_on(before, folder, name="before")
    return first, report_on([*after, *new, nameless], folder, "--against", folder / "before.csv", name="after")


def by_name(reported: Reported) -> dict[str, float]:
    return {row["project"].lstrip("'"): float(row["failure_probability"]) for row in reported.rows if row["project"]}


def test_what_is_new_gone_risen_and_fallen_is_counted(changed: tuple[Reported, Reported]) -> None:
    was, now = map(by_name, changed)
    text, both = changed[1].page.section("What changed since the last run"), set(was) & set(now)
    assert (
        "Compared with before.csv by the column project: 30 projects in both, 5 new, 10 gone, 1 without a name" in text
    )
    risen = sum(now[name] > was[name] for name in both)
    fallen = sum(now[name] < was[name] for name in both)
    assert risen > 1 and fallen > 1
    expected = [failures(math.fsum(run[name] for name in both)) for run in (was, now)]
    assert (
        f"Of those in both, {expected[0]} were expected to fail, and now {expected[1]}: "
        f"{risen} rose, {fallen} fell, {30 - risen - fallen} stayed." in text
    )


def test_those_that_moved_most_come_first(changed: tuple[Reported, Reported]) -> None:
    was, now = map(by_name, changed)
    rise = {name: now[name] - was[name] for name in set(was) & set(now)}
    tables = changed[1].page.tables
    for caption, sign in (("Risen most", 1), ("Fallen most", -1)):
        order = sorted((name for name in rise if sign * rise[name] > 0), key=lambda name: -sign * rise[name])
        assert [row[:4] for row in tables[caption][1:]] == [
            [name, per_cent(was[name]), per_cent(now[name]), points(100 * rise[name])] for name in order[:12]
        ]


def test_new_and_gone_projects_are_named_the_worst_first(changed: tuple[Reported, Reported]) -> None:
    was, now = map(by_name, changed)
    tables = changed[1].page.tables
    gone, new = set(was) - set(now), set(now) - set(was)
    assert [row[0] for row in tables["New"][1:]] == sorted(new, key=lambda name: -now[name])
    assert tables["Gone"][1:] == [[name, per_cent(was[name])] for name in sorted(gone, key=lambda name: -was[name])]


def test_crossed_levels_are_counted_those_that_got_worse_first(changed: tuple[Reported, Reported]) -> None:
    was, now = ({row["project"]: row["risk_level"] for row in one.rows} for one in changed)
    order = ["low", "raised", "high"]
    found: dict[tuple[str, str], int] = {}
    for name in set(was) & set(now):
        if was[name] != now[name]:
            found[was[name], now[name]] = found.get((was[name], now[name]), 0) + 1
    rows = changed[1].page.tables["Crossed a level"][1:]
    read = [(before.lower(), after.split()[1].lower(), after[0] == "▲", int(many)) for before, after, many in rows]
    assert {(before, after): many for before, after, _, many in read} == found
    assert all(worse == (order.index(after) > order.index(before)) for before, after, worse, _ in read)
    assert [worse for *_, worse, _ in read] == sorted((worse for *_, worse, _ in read), reverse=True)


def test_the_same_table_again_changes_nothing(thirty: Reported, tmp_path: Path) -> None:
    table = thirty.html.parent / "now-table.csv"
    again = report_on(table.read_text(), tmp_path, "--against", thirty.html.parent / "now.csv")
    assert "30 projects in both, 0 new, 0 gone." in again.page.text
    assert "0 rose, 0 fell, 30 stayed." in again.page.text
    assert {"Risen most", "Fallen most", "New", "Gone", "Crossed a level"}.isdisjoint(again.page.tables)


def test_names_that_a_spreadsheet_would_run_are_the_same_in_both_runs(tmp_path: Path) -> None:
    rows = [{**row, "project": name} for row, name in zip(projects(4), ["=a()", "'=b()", "@c", "-d"], strict=True)]
    report_on(rows, tmp_path, name="before")
    after = report_on(rows, tmp_path, "--against", tmp_path / "before.csv", name="after")
    assert "4 projects in both, 0 new, 0 gone." in after.page.text


# --- large, again, and refused -----------------------------------------------------------------------------


def test_ten_thousand_projects_are_summed_up_in_less_than_a_megabyte(tmp_path: Path) -> None:
    wide = [{**row, "project": f"{row['project']} {'of a long name ' * 9}", "budget": 7} for row in projects(10_000)]
    done = report_on(wide, tmp_path)
    assert done.html.stat().st_size < 400_000
    assert len(done.page.tables["Ranking by probability of failure"]) == 51
    assert "The 50 most likely to fail of 10,000 are listed; the others are in the scored table" in done.page.text
    assert "It is worked out exactly." in done.page.text
    assert sum(int(row[1].replace(",", "")) for row in done.page.tables["By risk level"][1:]) == 10_000
    worst = sorted(done.numbers("failure_probability"), reverse=True)[:50]
    assert [row[1] for row in done.page.tables["Ranking by probability of failure"][1:]] == list(map(per_cent, worst))


@pytest.mark.slow
def test_ten_thousand_projects_of_the_shipped_pack_are_less_than_a_megabyte(tmp_path: Path) -> None:
    header, *rows = SAMPLE.read_text("utf-8").splitlines()
    table = tmp_path / "many.csv"
    table.write_text("\n".join([header, *(rows * 167)]) + "\n")
    before = tmp_path / "before.csv"
    assert run("score", SAMPLE, "-o", before).returncode == 3
    out, html = tmp_path / "s.parquet", tmp_path / "r.html"
    done = run("score", table, "-o", out, "--report", html, "--against", before)
    assert done.returncode == 3, done.stderr
    assert html.stat().st_size < 1_000_000


def test_beyond_what_is_worked_out_exactly_it_is_approximated_and_said(
    thirty: Reported, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tally, "MOST_EXACT", 20)
    again = report_on((thirty.html.parent / "now-table.csv").read_text(), tmp_path)
    assert "With so many projects it is approximated" in again.page.text
    exact = dict(thirty.page.tables["Chance of each number of failures"][1:])
    approximated = dict(again.page.tables["Chance of each number of failures"][1:])
    likely = [number for number, chance in exact.items() if chance[0] != "<"]
    for number in likely:
        assert abs(int(exact[number][:-2]) - int(approximated[number][:-2])) <= 1


def test_small_chunks_add_up_to_the_same_page(
    changed: tuple[Reported, Reported], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = changed[1].html.parent
    monkeypatch.setattr(csv_table, "CHUNK_ROWS", 7)
    table = (folder / "after-table.csv").read_text()
    again = report_on(table, tmp_path, "--against", folder / "before.csv", name="after")
    assert again.html.read_bytes() == changed[1].html.read_bytes()


def test_a_second_run_writes_the_same_bytes_in_a_process_of_its_own(thirty: Reported, tmp_path: Path) -> None:
    table, out, html = (tmp_path / name for name in ("now-table.csv", "now.csv", "now.html"))
    table.write_bytes((thirty.html.parent / "now-table.csv").read_bytes())
    done = run_apart("score", table, "-o", out, "--report", html, "--rules", SMALL)
    assert done.returncode == 0, done.stderr
    assert html.read_bytes() == thirty.html.read_bytes()


@pytest.mark.parametrize("dies_at", [12, 33])
def test_a_run_that_was_killed_goes_on_to_the_same_page(
    dies_at: int, changed: tuple[Reported, Reported], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = changed[1].html.parent
    (tmp_path / "after-table.csv").write_bytes((folder / "after-table.csv").read_bytes())
    files = [tmp_path / "after-table.csv", "-o", tmp_path / "after.csv", "--report", tmp_path / "after.html"]
    arguments = ["score", *files, "--against", folder / "before.csv"]
    killed = [sys.executable, "-m", "tests.portfolio.killed", "7", str(dies_at), *arguments, "--rules", SMALL]
    assert subprocess.run(list(map(str, killed)), cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / "after.html").exists()
    monkeypatch.setattr(csv_table, "CHUNK_ROWS", 7)
    done = run_small(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    assert "went on after" in done.stderr
    assert (tmp_path / "after.html").read_bytes() == changed[1].html.read_bytes()
    assert nothing_but(tmp_path, "after-table.csv", "after.csv", "after.html")


@pytest.mark.parametrize(
    ("before", "after", "goes_on"),
    [
        ([], ["--report", "r.html"], False),
        (["--report", "r.html"], [], False),
        (["--report", "r.html"], ["--report", "r.html", "--budget", "people"], False),
        (["--report", "r.html"], ["--report", "elsewhere.html", "--budget", "budget"], True),
    ],
)
def test_only_a_run_with_the_same_report_goes_on(
    before: Sequence[str],
    after: Sequence[str],
    goes_on: bool,
    thirty: Reported,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    arguments = ["score", thirty.html.parent / "now-table.csv", "-o", tmp_path / "now.csv"]
    killed = [sys.executable, "-m", "tests.portfolio.killed", "7", "12", *arguments, *before, "--rules", SMALL]
    assert subprocess.run(list(map(str, killed)), cwd=ROOT, check=False).returncode == -signal.SIGKILL
    monkeypatch.chdir(tmp_path)
    again = run_small(*arguments, *after, "--resume")
    assert again.returncode == (0 if goes_on else 2), again.stderr
    assert goes_on or "RE-806 the run that stopped was another one: it differs in options" in again.stderr
    assert bool(list(tmp_path.glob("*.html"))) == goes_on


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            ["--report", "r.html", "--budget", "bugdet"],
            "RE-417 there is no column `bugdet`\n  help: did you mean `budget`?",
        ),
        (["--report", "r.html", "--budget", "approved"], "RE-417 the column `approved` holds neither numbers nor text"),
        (["--budget", "budget"], "RE-809 `--budget` says nothing without `--report`"),
        (["--report", "out.csv"], "RE-801 two outputs are one file"),
        (["--report", "in.parquet"], "RE-801 the output is the input"),
        (["--report", "none/r.html"], "RE-801 there is no such folder"),
        (["--report", "."], "RE-801 this is no ordinary file"),
        (["--against", "in.parquet"], "RE-809"),
    ],
)
def test_what_can_not_be_reported_is_refused_and_nothing_is_written(
    more: Sequence[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"project": ["A"], "people": [1.0], "budget": [5], "approved": [True]}).write_parquet("in.parquet")
    done = run_small("score", "in.parquet", "-o", "out.csv", *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert nothing_but(tmp_path, "in.parquet")


def test_the_last_runs_names_are_needed_to_compare(tmp_path: Path) -> None:
    last = report_on("project,people\nA,1\n", tmp_path, name="last")
    table = tmp_path / "nameless.csv"
    table.write_text("people\n1\n")
    html = tmp_path / "r.html"
    done = run_small(
        "score", table, "-o", tmp_path / "s.csv", "--report", html, "--against", last.html.with_suffix(".csv")
    )
    assert done.returncode == 2
    assert "RE-810 there is no column `project` or `name` to compare projects by" in done.stderr
    assert not html.exists()
