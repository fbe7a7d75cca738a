"""The page on lints names every code, and its figures are those of the code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from cli.run import run
from faults import BASE

from riskengine.authoring.lint import LINTS, check, leverage, overlap, subject
from riskengine.errors import CATALOGUE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "lint.md").read_text("utf-8")


def test_every_code_of_a_lint_is_in_the_table_and_links_to_its_explanation() -> None:
    named = {code for one in LINTS for code in re.findall(r"RE-\d{3}", one.__doc__ or "")}
    codes = {code for code, entry in CATALOGUE.items() if "RE-218" <= code < "RE-250" and entry.severity != "error"}
    assert codes == named | {"RE-240"}
    assert set(re.findall(r"\[(RE-\d{3})\]\(errors\.md#", PAGE)) == codes


def test_the_figures_on_the_page_are_those_of_the_code() -> None:
    text = " ".join(PAGE.split())
    assert f"first {subject.ORDINARY:,} of the reference sample" in text
    assert f"of the {subject.ORDINARY:,} ordinary projects in which one of them fires" in text
    assert f"both fire in at least {overlap.COINCIDENCE:.0%}".replace("%", " %") in text
    assert leverage.MULTIPLE == 4 and "from four times the median on" in text
    assert leverage.FEWEST == 8 and "at least eight questions that matter" in text
    assert f"less than {leverage.CERTAIN:.0%} or more than {1 - leverage.CERTAIN:.0%}".replace("%", " %") in text


def test_the_help_text_says_how_long_it_may_take() -> None:
    (limit,) = re.findall(r"longer than `--time-limit`, (\d+) seconds", " ".join(PAGE.split()))
    done = run("rules", "check", "--help", COLUMNS="200")
    assert re.search(rf"--time-limit.*\[default: {limit};", " ".join(done.stdout.split()))


def test_the_keys_of_the_json_are_those_of_the_page() -> None:
    table = PAGE.split("| key | holds |")[1].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines()[2:])))
    found = check(BASE).as_json()
    assert set(found) == named
    for name in found["leverage"][0]:
        assert f"`{name}`" in table


def test_the_report_on_the_page_is_one_that_is_printed(tmp_path: Path) -> None:
    folder = tmp_path / "my-pack"
    shutil.copytree(BASE, folder)
    rules = (folder / "team.yaml").read_text("utf-8")
    lighter = rules.split("rules:\n")[1].split("  - id: lonely")[0].replace("thin-team", "small-team")
    lighter = lighter.replace("    concludes: thin_team\n", "").replace("weight: 0.4", "weight: 0.3")
    (folder / "team.yaml").write_text(rules + lighter, "utf-8")
    printed = run("rules", "check", folder).stdout
    shown = re.search(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert shown is not None

    def shape(text: str) -> list[str]:
        return [re.sub(r"\S*my-pack/\S+|`\S+`|\d+ \w+|^\S+ [\d.]+:", "...", line) for line in text.splitlines()]

    assert shape(shown[1])[0] == shape(printed)[0]
    assert shape(shown[1])[1] == shape(printed)[1]
    assert shape(shown[1])[-1].split(";")[1] == shape(printed)[-1].split(";")[1]
