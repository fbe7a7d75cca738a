"""`riskengine rules show`: all about one rule, or where a question is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from riskengine.cli.options import AsJson, RulesOption

if TYPE_CHECKING:
    from rich.console import RenderableType

    from riskengine.authoring.page import Level, Named, Page, QuantityPage, QuestionPage, RulePage, Step
    from riskengine.authoring.words import Line

__all__ = ["show"]

_HEADS = 10


class _Row(NamedTuple):
    """One line of a page; rows without a text are left out."""

    head: str
    text: str
    bullet: str = ""


def show(
    name: Annotated[str, typer.Argument(help="A rule, question, quantity or conclusion.")],
    rules: RulesOption = None,
    as_json: AsJson = False,
) -> None:
    """Show a rule's page: its condition in words, what feeds it and what it feeds; or where a question is used."""
    from riskengine.authoring.page import page_to_json, pages_of
    from riskengine.cli.show import console, print_json
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack

    pages = pages_of(name, read_pack(rules or shipped("rules")))
    if as_json:
        print_json({"pages": [page_to_json(page) for page in pages]})
        return
    out = console()
    for number, page in enumerate(pages):
        if number:
            out.print()
        for part in _parts(page):
            out.print(part)


def _parts(page: Page) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from riskengine.cli.harmless import harmless

    yield Text(harmless(page.title), style="bold")
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=_HEADS, no_wrap=True)
    table.add_column(overflow="fold")
    for row in _rows(page):
        if row.text:
            table.add_row(Text(row.head, style="dim"), _cell(row))
    yield table


def _cell(row: _Row) -> RenderableType:
    """Set in what follows a bullet as far as its first line."""
    from rich.table import Table
    from rich.text import Text

    from riskengine.cli.harmless import harmless

    if not row.bullet:
        return Text(harmless(row.text))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(row.bullet, Text(harmless(row.text)))
    return table


def _rows(page: Page) -> Iterator[_Row]:
    from riskengine.authoring.page import QuestionPage, RulePage

    if isinstance(page, RulePage):
        return _rule_rows(page)
    return _question_rows(page) if isinstance(page, QuestionPage) else _quantity_rows(page)


def _rule_rows(page: RulePage) -> Iterator[_Row]:
    yield _Row("rule", page.id)
    yield _Row("area", page.area.title)
    yield _Row("effect", page.effect)
    yield _Row("warns", page.warns or "")
    yield from _bullets("when", page.condition)
    yield from _bullets("asked if", page.gates)
    yield from _names("reads", page.questions)
    yield from _names("quantities", page.quantities)
    yield from _names("fed by", page.fed_by)
    yield _Row("concludes", page.concludes or "")
    yield from _headed("feeds", [_Row("", _step(one), f"{'  ' * one.depth}-") for one in page.feeds])
    yield _Row("leads to", ", ".join(end.title for end in page.ends))
    yield _Row("group", page.group_name or "")
    yield from _names("", page.group)
    yield _Row("why", page.why)
    yield _Row("do", page.advice)
    yield from _headed("source", [_Row("", f"{one.key}: {one.cite}", "-") for one in page.sources])
    yield _Row("basis", page.basis or "")
    examples = [_Row("", f"{one.answers or 'nothing answered'} -> {one.state}", "-") for one in page.examples]
    yield from _headed("example", examples)
    yield _Row("from", f"{page.origin}; its weight was set by {page.changed_by}" if page.changed_by else page.origin)
    yield _Row("stands in", page.where)


def _question_rows(page: QuestionPage) -> Iterator[_Row]:
    yield _Row("question", page.id)
    yield _Row("help", page.help)
    yield _Row("area", f"{page.area.title}, {page.phase}")
    yield _Row("answer", page.kind)
    yield from _headed("", [_Row("", _level(one), "-") for one in page.levels])
    yield _Row("shares", page.shares)
    yield _Row("risk", f"{page.worse}. {page.worse_reason}" if page.worse_reason else page.worse)
    yield _Row("to change", page.change)
    yield _Row("quick", "yes, asked by `assess --quick`" if page.is_quick else "")
    yield from _bullets("asked if", page.asked_if)
    yield from _bullets("due if", page.due_if)
    yield from _names("rules", page.rules)
    yield from _names("quantities", page.quantities)
    yield from _names("decides on", page.decides)
    yield _Row("stands in", page.where)


def _quantity_rows(page: QuantityPage) -> Iterator[_Row]:
    yield _Row("quantity", page.id)
    yield _Row("is", page.formula)
    yield from _names("made of", page.parts)
    yield from _names("rules", page.rules)
    yield from _names("quantities", page.quantities)
    yield _Row("stands in", page.where)


def _headed(head: str, rows: Iterable[_Row]) -> Iterator[_Row]:
    for number, row in enumerate(rows):
        yield row if number else row._replace(head=head)


def _bullets(head: str, lines: Sequence[Line]) -> Iterator[_Row]:
    from riskengine.authoring.words import indented

    return _headed(head, [_Row("", text, f"{'  ' * depth}-") for depth, text in indented(lines)])


def _names(head: str, named: Iterable[Named]) -> Iterator[_Row]:
    return _headed(head, [_Row("", f"{one.id}: {one.title}", "-") for one in named])


def _step(step: Step) -> str:
    ends = f" -> {', '.join(step.ends)}" if step.ends else ""
    return f"{step.id}: {step.title}{' (as above)' if step.is_repeated else ends}"


def _level(level: Level) -> str:
    return f"{level.id}: {level.label} ({100 * level.share:.3g} %)"
