"""The page on frames and engines: its example runs, and it names what is refused on Spark."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.portfolio.command import run

FLAGS = {"--resume", "--json"}
PAGE = (Path(__file__).parents[2] / "docs" / "backends.md").read_text("utf-8")


def test_the_python_example_runs() -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)
    found = names["scored"].collect()  # type: ignore[attr-defined]
    assert found["problems"].to_list() == ["", "", "team_fte:RE-303"]
    assert found["failure_probability"].null_count() == 1


def test_every_option_that_spark_has_no_use_for_is_named_and_refused(tmp_path: Path) -> None:
    line = re.search(r"^- `--encoding`.*?refused \(RE-434\)", PAGE, re.MULTILINE | re.DOTALL)
    assert line is not None
    named = re.findall(r"`(--[a-z]+)`", line.group())
    given = [part for option in named for part in ([option] if option in FLAGS else [option, "x"])]
    done = run("score", "a.csv", "-o", tmp_path / "b.csv", "--engine", "spark", *given)
    assert done.returncode == 2
    assert [error["source"]["field"] for error in json.loads(done.stderr)["errors"]] == named
    assert {error["code"] for error in json.loads(done.stderr)["errors"]} == {"RE-434"}
