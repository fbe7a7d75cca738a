"""`model evaluate --html`: what a reader finds in the report of a long, a short and a tiny history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from random_packs import rule, write_pack, yes_no

from riskengine.calibration.evaluation.data import Evaluation
from riskengine.calibration.evaluation.verdict import verdict
from tests.calibration.house import QUESTIONS, house, projects, table
from tests.portfolio.command import Ran, run
from tests.reports.browser import faults_of, opened, text_of
from tests.reports.read_page import Page, plain, read_page
from tests.reports.test_what_is_loaded import loaded_by

SCRIPT, IMAGE = "<script>alert(1)</script>", '"><img src=x onerror=alert(2)>'
TRUTH = (1.6, 0.1, 0.8, 0.8, 0.8, 0.1, 1.6, 0.8, 0.1)
TINY = "outcome,q0\nfailed,yes\nsucceeded,no\nsucceeded,no\n"


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation left: the file, and what it printed as JSON."""

    file: Path
    form: Mapping[str, Any]

    @cached_property
    def page(self) -> Page:
        return read_page(self.file.read_text("utf-8"))


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated") / "rules"
    house(folder)
    return folder


@pytest.fixture(scope="session")
def evaluated(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Evaluated]:
    def evaluate(text: str, *more: object, pack: Path = rules) -> Evaluated:
        folder = tmp_path_factory.mktemp("evaluation")
        (folder / "past.csv").write_text(text, encoding="utf-8")
        page = folder / "report.html"
        done = run("model", "evaluate", folder / "past.csv", "--rules", pack, "--html", page, "--json", *more)
        assert (done.returncode, done.stderr) == (0, "")
        return Evaluated(page, json.loads(done.stdout))

    return evaluate


@pytest.fixture(scope="session")
def long(evaluated: Callable[..., Evaluated]) -> Evaluated:
    return evaluated(table(projects(400, seed=2, base=-0.8, weights=TRUTH)), "--by", "q0", "--by", "size")


@pytest.fixture(scope="session")
def short(evaluated: Callable[..., Evaluated]) -> Evaluated:
    return evaluated(table(projects(64, base=-0.6)), "--by", "q0")


@pytest.fixture(scope="session")
def tiny(evaluated: Callable[..., Evaluated]) -> Evaluated:
    return evaluated(TINY)


@pytest.fixture(scope="session")
def hostile(evaluated: Callable[..., Evaluated], tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    """A history and a pack whose every text tries to do harm."""
    folder = tmp_path_factory.mktemp("hostile-evaluation") / "pack"
    write_pack(
        folder,
        [yes_no("owner", area="team"), yes_no("users", area="goals")],
        [rule(f"{one}-bad", {one: "yes"}, 1.0, area=area) for one, area in (("owner", "team"), ("users", "goals"))],
        areas={"team": f"Te\u202eam {IMAGE}", "goals": f"Goals {SCRIPT}"},
        ends={"cancelled": {"share": 1.0, "title": f"Cancelled {SCRIPT}", "means": IMAGE}},
    )
    lines = [f"project,outcome,owner,users,Kind {SCRIPT}"]
    for place in range(80):
        outcome = "cancelled" if place % 3 == 0 else "succeeded"
        owner, users = "yes" if place % 2 else "no", "yes" if place % 5 else "no"
        name = f"n{place} {SCRIPT}\u202e{{{{ 7*7 }}}}{'x' * (1000 * (place % 2))}"
        lines.append(f"{name},{outcome},{owner},{users},{'=cmd()' if place % 2 else '</table></body>'}")
    return evaluated("\n".join(lines) + "\n", "--by", f"Kind {SCRIPT}", pack=folder)


def shown(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace("-", "\u2212")


def spanned(figure: Mapping[str, Any], places: int) -> list[str]:
    low, high = (shown(bound, places) for bound in figure["interval"])
    return [shown(figure["value"], places), f"{low} to {high}"]


def captions(page: Page) -> set[str]:
    return set(page.tables)


def test_it_begins_with_what_happened_and_what_it_comes_to(long: Evaluated) -> None:
    assert long.page.headings[0] == (
        1,
        f"152 of 400 projects failed, {long.form['figures']['expected']:.0f} were expected to",
    )
    for sentence in verdict(Evaluation.model_validate(long.form)):
        assert plain(sentence) in plain(long.page.text)


def test_it_says_what_was_evaluated(long: Evaluated) -> None:
    text, form = long.page.section("What was evaluated"), long.form
    assert "past.csv" in long.page.text
    for words in (
        "the rules of test-pack 1, held against 400 finished projects",
        "152 failed, 38 % (about 95 %: 33 to 43 %)",
        "base rate is 50 %",
        form["pack"]["meaning_hash"][:12],
        form["history_sha256"][:12],
        "Answers from 2015-01-01 to 2020-06-18; outcomes from 2015-03-15 to 2020-12-24",
    ):
        assert words in text


def test_all_figures_stand_in_one_table_with_their_intervals(long: Evaluated) -> None:
    figures = long.form["figures"]
    rows = {row[0]: row[1:3] for row in long.page.tables["Held-out projects"][1:]}
    assert rows == {
        "Failed / expected": spanned(figures["observed_over_expected"], 2),
        "Log loss": spanned(figures["log_loss"]["model"], 3),
        "Log loss: gain over the rules": spanned(figures["log_loss"]["gain_over_rules"], 3),
        "Log loss: gain over the base rate": spanned(figures["log_loss"]["gain_over_base_rate"], 3),
        "Brier score": spanned(figures["brier"]["model"], 3),
        "Brier score: gain over the rules": spanned(figures["brier"]["gain_over_rules"], 3),
        "Brier score: gain over the base rate": spanned(figures["brier"]["gain_over_base_rate"], 3),
        "AUC": spanned(figures["auc"], 2),
        "Calibration intercept": spanned(figures["intercept"], 2),
        "Calibration slope": spanned(figures["slope"], 2),
    }


def test_rules_at_full_weight_and_base_rate_stand_beside_the_model(long: Evaluated) -> None:
    figures = long.form["figures"]
    rows = long.page.tables["What the model has to beat"][1:]
    for row, key in zip(rows, ("model", "rules", "full_rules", "base_rate"), strict=True):
        assert row[1:] == [*spanned(figures["log_loss"][key], 3), *spanned(figures["brier"][key], 3)]


def test_each_chart_has_a_text_and_its_numbers(long: Evaluated) -> None:
    page, figures = long.page, long.form["figures"]
    # one for wide, one for narrow screens
    assert len(page.charts) == 2 * 4
    assert all(len(text) > 80 for text in page.charts)
    assert [row[0] for row in page.tables["Calibration curve"][1:]] == [
        f"{100 * at['predicted']:.0f} %" for at in figures["curve"][::4]
    ]
    decision = page.tables["Net benefit for each 100 projects"][1:]
    assert [row[:2] for row in decision] == [
        [f"{100 * at['threshold']:.0f} %", shown(100 * at["model"], 1)] for at in figures["decision"]
    ]
    bins = page.tables["Predictions by outcome"][1:]
    assert [sum(int(row[column]) for row in bins) for column in (1, 2)] == [152, 248]
    areas = page.tables["Areas, against the rules"][1:]
    assert [row[0] for row in areas] == ["Team", "Goals", "Data"]
    for row, one in zip(areas, long.form["areas"], strict=True):
        value, span = spanned(one["posterior"], 2)
        assert row[2:] == [f"{value} ({span})", "yes" if one["learnt"] else "not yet"]


def test_ends_and_the_worst_predictions_are_listed(long: Evaluated) -> None:
    ends = long.page.tables["How they failed"][1:]
    assert [[row[0], row[1]] for row in ends] == [[one["end"], str(one["observed"])] for one in long.form["ends"]]
    worst = long.page.tables["Where it was furthest off"][1:]
    off = {one["project"]: abs(one["failed"] - one["probability"]) for one in long.form["predicted"]}
    assert [row[0] for row in worst] == sorted(off, key=lambda name: -off[name])[:10]


def test_later_projects_and_subgroups_have_their_tables(long: Evaluated) -> None:
    late = long.form["temporal"]
    assert f"The {late['figures']['projects']} projects that began on {late['cut']} or later" in long.page.text
    rows = {row[0]: row[1:3] for row in long.page.tables["Later projects, by earlier ones"][1:]}
    assert rows["Log loss"] == spanned(late["figures"]["log_loss"]["model"], 3)
    groups = [*long.page.tables["By q0"][1:], *long.page.tables["By size"][1:]]
    assert [row[0] for row in groups] == [one["value"] for one in long.form["subgroups"]]
    assert [int(row[1]) for row in groups] == [one["figures"]["projects"] for one in long.form["subgroups"]]


def test_a_short_history_gets_sentences_with_how_many_more_outcomes_it_takes(short: Evaluated) -> None:
    page, missing = short.page, short.form["figures"]["too_little"]
    assert {"auc", "slope", "curve"} <= {one["figure"] for one in missing}
    for one in missing:
        assert plain(one["sentence"])[1:] in plain(page.text)
    rows = {row[0]: row[1] for row in page.tables["Held-out projects"]}
    assert rows["AUC"] == "Too little: about 36 more outcomes."
    assert "It takes 100 failures, and there are 24" in page.section("Do the percentages hold?")
    assert "Calibration curve" not in captions(page)
    assert "Net benefit for each 100 projects" in captions(page)


def test_a_tiny_history_gets_counts_and_no_chart_that_would_mislead(tiny: Evaluated) -> None:
    page = tiny.page
    assert page.headings[0] == (1, "1 of 3 projects failed, 1.4 were expected to")
    # what each area counts for, before and after
    assert len(page.charts) == 2
    assert {"What the model has to beat", "Net benefit for each 100 projects"}.isdisjoint(captions(page))
    assert page.text.count("Too little to say") >= 4
    assert "takes the day of the answers and of the outcome" in page.section("Does it hold for later projects?")


@pytest.mark.parametrize("history", ["long", "short", "tiny", "hostile"])
def test_no_cell_is_blank_and_no_number_is_none(history: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(history).page
    for caption, rows in page.tables.items():
        assert all(cell for row in rows for cell in row), caption
    for word in ("nan", "None", "inf"):
        assert word not in page.text.split()


def test_rows_that_were_left_out_are_said_with_the_reason(evaluated: Callable[..., Evaluated]) -> None:
    text = table(projects(12)).splitlines()
    late = text[1].split(",")
    late[1] = late[2]
    page = evaluated("\n".join([text[0], ",".join(late), *text[2:]]) + "\n").page
    assert "1 row left out: answered when the outcome was known" in page.section("What was evaluated")


def test_published_counts_are_said_to_be_learned_from_and_never_judged(evaluated: Callable[..., Evaluated]) -> None:
    own = table(projects(12), dates=False, names=False).splitlines()
    none = "," * len(QUESTIONS)
    rows = ["study," + own[0], *("," + line for line in own[1:]), *[f"s,failed,yes{none}", f"s,succeeded,no{none}"] * 9]
    assert "1 published study, which is learned from and never judged" in evaluated("\n".join(rows) + "\n").page.text


def test_a_selection_is_not_judged_by_how_many_failed(evaluated: Callable[..., Evaluated]) -> None:
    found = evaluated(table(projects(64)), "--true-rate", "0.2")
    assert "expected to" not in found.page.headings[0][1]
    rows = {row[0]: row[1] for row in found.page.tables["Held-out projects"]}
    assert rows["Failed / expected"] == "Says nothing of a selection of projects."
    for one in found.form["figures"]["too_little"]:
        assert plain(one["sentence"])[1:] in plain(found.page.text)


def test_it_says_where_the_report_went_and_gives_the_same_bytes(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text(TINY)
    pages = []
    for _ in range(2):
        done = run("model", "evaluate", tmp_path / "past.csv", "--rules", rules, "--html", tmp_path / "r.html")
        assert done.returncode == 0
        assert done.stdout.endswith(f"the report: {tmp_path / 'r.html'}\n")
        pages.append((tmp_path / "r.html").read_bytes())
    assert pages[0] == pages[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["past.csv", "r.html"]


def refused(done: Ran, words: str) -> bool:
    return done.returncode == 2 and done.stdout == "" and "RE-801" in done.stderr and words in done.stderr


def test_a_report_never_replaces_what_it_is_made_from(rules: Path, tmp_path: Path) -> None:
    past = tmp_path / "past.csv"
    past.write_text(TINY)
    assert refused(run("model", "evaluate", past, "--rules", rules, "--html", past), "the output is the input")
    assert refused(run("model", "evaluate", past, "--rules", rules, "--html", tmp_path), "no ordinary file")
    missing = tmp_path / "none" / "r.html"
    assert refused(run("model", "evaluate", past, "--rules", rules, "--html", missing), "no such folder")
    assert past.read_text() == TINY
    assert [path.name for path in tmp_path.iterdir()] == ["past.csv"]


def test_a_report_never_replaces_the_history_it_is_made_from(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text(table(projects(30)))
    kept = tmp_path / "history.db"
    ask = ("--history", kept, "--rules", rules)
    assert run("history", "import", tmp_path / "past.csv", *ask).returncode == 0
    assert refused(run("model", "evaluate", "--from-history", *ask, "--html", kept), "the output is the input")
    done = run("model", "evaluate", "--from-history", *ask, "--html", tmp_path / "r.html")
    assert done.returncode == 0
    page = read_page((tmp_path / "r.html").read_text("utf-8"))
    assert page.headings[0][1].startswith(f"{sum(one.outcome != 'succeeded' for one in projects(30))} of 30 projects")


def test_it_asks_for_nothing_and_forbids_the_browser_to(long: Evaluated) -> None:
    html = long.file.read_text("utf-8")
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"" in html
    assert "<script" not in html
    assert all(target.startswith("#") for target in _targets(html))
    assert len(html) < 300_000


def _targets(html: str) -> Iterator[str]:
    for attribute in ('src="', 'href="'):
        yield from (piece.split('"', 1)[0] for piece in html.split(f" {attribute}")[1:])


def test_without_a_report_no_charts_are_loaded(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text(TINY)
    ask = ("model", "evaluate", tmp_path / "past.csv", "--rules", rules)
    assert loaded_by(*ask) == []
    assert loaded_by(*ask, "--html", tmp_path / "r.html") == ["altair", "vl_convert", "jinja2"]


def test_hostile_names_are_text(chromium: Browser, hostile: Evaluated) -> None:
    # in charts too
    assert "\u202e" not in hostile.file.read_text("utf-8")
    with opened(chromium, hostile.file) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        text = text_of(seen.page)
        for words in (
            f"n0 {SCRIPT}[U+202E]{{{{ 7*7 }}}}",
            f"Te[U+202E]am {IMAGE}",
            f"Goals {SCRIPT}",
            f"Cancelled {SCRIPT}",
            f"By Kind {SCRIPT}",
            "</table></body>",
            "=cmd()",
        ):
            assert words in text, words
        assert seen.page.locator("script, img, iframe, object, b").count() == 0
        assert (seen.told, seen.requests) == ([], [hostile.file.as_uri()])


def check(chromium: Browser, file: Path, width: int, scheme: Any) -> None:
    with opened(chromium, file, viewport={"width": width, "height": 900}, color_scheme=scheme) as seen:
        assert faults_of(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert (seen.told, seen.requests) == ([], [file.as_uri()])


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_a_reader_on_any_screen_finds_no_fault(width: int, scheme: str, chromium: Browser, long: Evaluated) -> None:
    check(chromium, long.file, width, scheme)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [320, 800, 1280])
@pytest.mark.parametrize("history", ["long", "short", "tiny", "hostile"])
def test_no_report_has_faults_on_any_screen(
    history: str, width: int, scheme: str, chromium: Browser, request: pytest.FixtureRequest
) -> None:
    check(chromium, request.getfixturevalue(history).file, width, scheme)


def test_it_prints_on_white_paper_and_nothing_is_cut_off(chromium: Browser, long: Evaluated) -> None:
    with opened(chromium, long.file, color_scheme="dark") as seen:
        assert seen.page.pdf(format="A4", print_background=True).startswith(b"%PDF")
        seen.page.emulate_media(media="print", color_scheme="dark")
        assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        seen.page.set_viewport_size({"width": 688, "height": 1000})
        boxes = seen.page.locator(".scroll").evaluate_all("all => all.map(one => [one.scrollWidth, one.clientWidth])")
        assert [box for box in boxes if box[0] > box[1]] == []
