"""The page on the author's tools names every command, and no command or option that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel

from riskengine.cli import app
from riskengine.pack.schema import QuestionModel, RuleModel

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "author-tools.md").read_text("utf-8")
COMMANDS = typer.main.get_command(app).commands["rules"].commands  # type: ignore[attr-defined]


def test_every_command_has_a_line_of_the_table() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("line", sorted(set(re.findall(r"riskengine rules [^`\n]+", PAGE))))
def test_every_example_could_be_typed(line: str) -> None:
    name, *arguments = line.split()[2:]
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("-")} <= options


@pytest.mark.parametrize(("kind", "model"), [("rule", RuleModel), ("question", QuestionModel)])
def test_the_order_of_keys_is_that_of_the_layout(kind: str, model: type[BaseModel]) -> None:
    listed = re.search(rf"In a {kind}: (.*?)\.(?: |\n)", PAGE, re.DOTALL)
    assert listed
    keys = [key for key in model.model_fields if key != "off"]
    assert re.findall(r"`(\w+)`", listed.group(1)) == keys
