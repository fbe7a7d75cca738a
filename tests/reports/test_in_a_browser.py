"""Reports in a real browser: readable by everybody, on any screen, and no harm whatever a project is called."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from random_packs import rule, write_pack, yes_no

from tests.reports.browser import faults_of, opened, text_of
from tests.reports.scored import report_on

WIDTHS, SCHEMES = (400, 1400), ("dark", "light")
PAGES = ("portfolio_page", "assessment_page", "hostile_page")
LOOKS = list(itertools.product(PAGES, WIDTHS, SCHEMES))
SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
NAMES = {
    SCRIPT: SCRIPT,
    IMAGE: IMAGE,
    "=cmd()": "=cmd()",
    "@SUM(1)": "@SUM(1)",
    "</table></body>": "</table></body>",
    "{{ 7*7 }}{% raw %}": "{{ 7*7 }}{% raw %}",
    "&lt;b&gt; &amp; &#0;": "&lt;b&gt; &amp; &#0;",
    "abc\u202efdp.exe": "abc[U+202E]fdp.exe",
    "\u2067right\u2069 \u200bto\ufeff left": "[U+2067]right[U+2069] [U+200B]to[U+FEFF] left",
    "bell\x07 escape\x1b[31m": "bell[U+0007] escape[U+001B][31m",
    "two\nlines": "two[U+000A]lines",
    "family 👨‍👩‍👧 and flag 🇩🇪": "family 👨‍👩‍👧 and flag 🇩🇪",
    "مشروع الذكاء": "مشروع الذكاء",
    "x" * 10_000: f"{'x' * 80}… (10,000 characters)",
    "javascript:alert(3)": "javascript:alert(3)",
    "Z̴̡̢̛a̵̧l̶g̷o": "Z̴̡̢̛a̵̧l̶g̷o",
}


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a table whose every text tries to do harm, by a pack whose every text does."""
    folder = tmp_path_factory.mktemp("hostile")
    questions = [yes_no("owner"), yes_no("users")]
    texts = {"title": f"Title {SCRIPT}", "why": f"Why {IMAGE}", "advice": f"Advice {SCRIPT}\u202e", "area": "team"}
    rules = [rule(f"{one}-bad", {one: "yes"}, weight, **texts) for one, weight in (("owner", 1.0), ("users", -0.5))]
    write_pack(
        folder / "pack",
        questions,
        rules,
        areas={"team": f"Team {IMAGE}", "goals": f"Goals {SCRIPT}"},
        risk_levels={"low": {"from": 0, "title": f"Low {IMAGE}"}, "high": {"from": 0.5, "title": f"High {SCRIPT}"}},
        ends={"cancelled": {"share": 1.0, "title": f"Cancelled {SCRIPT}", "means": IMAGE}},
    )
    rows: list[dict[str, object]] = [
        {"project": name, "owner": "yes" if place % 2 else "no", f"Budget {SCRIPT}": "=1+1" if place else 5}
        for place, name in enumerate(NAMES)
    ]
    (folder / "last.csv").write_text(f"project,failure_probability\n{SCRIPT},0.9\ngone {SCRIPT},0.2\n")
    more = ["--against", folder / "last.csv", "--budget", f"Budget {SCRIPT}"]
    return report_on(rows, folder, *more, rules=folder / "pack", name=f"table {SCRIPT}".replace("/", "")).html


def look(width: int, scheme: str) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}


def check(chromium: Browser, file: Path, width: int, scheme: str) -> None:
    with opened(chromium, file, **look(width, scheme)) as seen:
        assert faults_of(seen.page) == []
        # tables scroll in boxes of their own
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert seen.requests == [file.as_uri()]
        assert seen.told == []


def test_a_page_has_no_faults_and_asks_for_nothing(chromium: Browser, portfolio_page: Path) -> None:
    check(chromium, portfolio_page, 400, "dark")


@pytest.mark.slow
@pytest.mark.parametrize(("page", "width", "scheme"), LOOKS)
def test_no_page_has_faults_on_any_screen(
    page: str, width: int, scheme: str, chromium: Browser, request: pytest.FixtureRequest
) -> None:
    check(chromium, request.getfixturevalue(page), width, scheme)


def test_a_check_that_finds_nothing_would_find_faults(chromium: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!DOCTYPE html><body style='width:3000px'><p style='color:#999;background:#aaa'>Pale</p>"
        "<img src='https://localhost:9/x.png'><script>console.log(1);alert(2)</script>"
    )
    with opened(chromium, bad, **look(400, "light")) as seen:
        rules = {fault["rule"] for fault in faults_of(seen.page)}
        assert {"color-contrast", "image-alt", "html-has-lang", "document-title"} <= rules
        assert seen.page.evaluate("document.documentElement.scrollWidth") > 400
        assert "https://localhost:9/x.png" in seen.requests
        assert {"1", "2"} <= set(seen.told)


@pytest.mark.parametrize("page", PAGES)
def test_without_scripts_it_says_the_same(page: str, chromium: Browser, request: pytest.FixtureRequest) -> None:
    file = request.getfixturevalue(page)
    with opened(chromium, file) as seen, opened(chromium, file, java_script_enabled=False) as plain:
        assert text_of(plain.page) == text_of(seen.page) != ""


def test_hostile_names_are_shown_as_text_and_run_nothing(chromium: Browser, hostile_page: Path) -> None:
    with opened(chromium, hostile_page) as seen:
        shown = seen.page.locator("table.ranking tbody th").all_inner_texts()
        named = sorted(one.split(maxsplit=1)[1].rsplit(" row ", 1)[0] for one in shown)
        assert named == sorted(NAMES.values())
        text = text_of(seen.page)
        advice = f"Advice {SCRIPT}[U+202E]."
        for words in (
            advice,
            f"Team {IMAGE}",
            f"Cancelled {SCRIPT}",
            f"High {SCRIPT}",
            f"Title {SCRIPT}",
            f"gone {SCRIPT}",
        ):
            assert words in text, words
        assert seen.page.locator("script, img, iframe, object, b").count() == 0
        assert seen.told == []
        assert seen.requests == [hostile_page.as_uri()]


def test_what_turns_text_around_turns_nothing_but_its_own_name(chromium: Browser, hostile_page: Path) -> None:
    with opened(chromium, hostile_page) as seen:
        names = seen.page.locator("table.ranking tbody th bdi")
        turned = names.evaluate_all("all => all.map(one => getComputedStyle(one).unicodeBidi)")
        assert turned == ["isolate"] * len(NAMES)


def test_a_script_that_slipped_in_would_not_run(chromium: Browser, portfolio_page: Path, tmp_path: Path) -> None:
    slipped = tmp_path / "slipped.html"
    html = portfolio_page.read_text("utf-8")
    slipped.write_text(html.replace("<main", f"{SCRIPT}<img src=x onerror=alert(2)><main", 1), encoding="utf-8")
    with opened(chromium, slipped) as seen:
        assert seen.page.locator("script").count() == 1
        # the script, the image, and what it would run if it weren't there
        assert len(seen.told) == 3
        assert all("Content Security Policy" in told for told in seen.told)


@pytest.mark.parametrize("page", ["portfolio_page", "assessment_page"])
def test_the_keyboard_reaches_links_and_boxes_that_scroll(
    page: str, chromium: Browser, request: pytest.FixtureRequest
) -> None:
    with opened(chromium, request.getfixturevalue(page), **look(400, "light")) as seen:
        wanted = seen.page.locator("a, .scroll, summary").evaluate_all(
            "all => all.filter(one => one.checkVisibility()).length"
        )
        reached = [focused(seen.page) for _ in range(wanted)]
        assert None not in reached
        assert reached[0] == ["A", "Skip to the report", True]
        # each in turn, once, and one can see where one is
        assert all(outlined for _, _, outlined in filter(None, reached))
        assert focused(seen.page) is None
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("location.hash") == "#main"


def focused(page: Page) -> list[Any] | None:
    """Go to the next place of the keyboard: its element, its text, and whether it can be seen that one is there."""
    page.keyboard.press("Tab")
    found: list[Any] | None = page.evaluate(
        "() => { const one = document.activeElement; if (one === document.body) return null;"
        " return [one.tagName, one.innerText.slice(0, 40), getComputedStyle(one).outlineStyle !== 'none'] }"
    )
    return found


def test_a_box_scrolls_by_the_keyboard(chromium: Browser, portfolio_page: Path) -> None:
    with opened(chromium, portfolio_page, **look(400, "light")) as seen:
        box = seen.page.locator(".scroll:has(table.ranking)")
        box.focus()
        assert box.evaluate("one => one.scrollWidth > one.clientWidth")
        for _ in range(5):
            seen.page.keyboard.press("ArrowRight")
        frame = "one => new Promise(done => requestAnimationFrame(() => done(one.scrollLeft)))"
        assert any(box.evaluate(frame) > 0 for _ in range(300))


@pytest.mark.parametrize("page", ["portfolio_page", "assessment_page"])
def test_it_prints(page: str, chromium: Browser, request: pytest.FixtureRequest) -> None:
    with opened(chromium, request.getfixturevalue(page), color_scheme="dark") as seen:
        printed = seen.page.pdf(format="A4", print_background=True)
        assert printed.startswith(b"%PDF")
        seen.page.emulate_media(media="print", color_scheme="dark")
        # on white paper, and nothing wider than it
        assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        seen.page.set_viewport_size({"width": 688, "height": 1000})
        boxes = seen.page.locator(".scroll").evaluate_all("all => all.map(one => [one.scrollWidth, one.clientWidth])")
        assert [box for box in boxes if box[0] > box[1]] == []


def test_headings_come_in_order_and_tables_have_captions_and_headers(chromium: Browser, portfolio_page: Path) -> None:
    with opened(chromium, portfolio_page) as seen:
        depths = seen.page.locator("h1, h2, h3").evaluate_all("all => all.map(one => +one.tagName[1])")
        assert depths[0] == 1 and 1 not in depths[1:]
        assert all(later - one <= 1 for one, later in itertools.pairwise(depths))
        tables = seen.page.locator("table")
        assert tables.count() > 8
        for table in tables.all():
            assert table.locator("caption").count() == 1
            assert table.locator("thead th[scope=col]").count() > 0
            assert table.locator("tbody th[scope=row]").count() == table.locator("tbody tr").count()
        for chart in seen.page.locator("svg").all():
            assert chart.get_attribute("role") == "img"
            for id in (chart.get_attribute("aria-labelledby") or "").split():
                assert seen.page.locator(f"[id={id}]").text_content()
            assert chart.locator("[role], [aria-label], [id]:not(title, desc)").count() == 0
