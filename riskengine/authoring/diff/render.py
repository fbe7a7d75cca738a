"""A comparison as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from riskengine.authoring.diff.comparison import Comparison
from riskengine.authoring.diff.words import Item, Section, headlines, sections, title

__all__ = ["as_markdown", "as_text"]

_ID = re.compile(r"[\w.-]+")
# what Markdown or HTML would take for markup
_MARKUP = re.compile(r"([\\`*_\[\]<>|#~&])")


def as_text(comparison: Comparison) -> str:
    """Write a comparison for a terminal."""
    lines = [title(comparison), "", *headlines(comparison)]
    for section in sections(comparison):
        lines += ["", section.title, *_aligned(section.table), *(_text_item(item) for item in section.items)]
    return "\n".join(lines) + "\n"


def _text_item(item: Item) -> str:
    name = f"{item.name}: " if item.name else ""
    return f"  {'  ' * item.depth}{name}{item.text}"


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *others in table:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([f"  {first:<{widths[0]}}", *cells])


def as_markdown(comparison: Comparison) -> str:
    """Write a comparison as Markdown, as a comment on a pull request shows it."""
    lines = [f"## {_escaped(title(comparison))}", ""]
    first, *others = headlines(comparison)
    lines += [f"**{_escaped(first)}**", "", *(f"- {_escaped(one)}" for one in others)]
    for section in sections(comparison):
        lines += ["", *_markdown_section(section)]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_section(section: Section) -> Iterator[str]:
    if section.folded:
        yield f"<details><summary>{_escaped(section.title)}</summary>"
    else:
        yield f"### {_escaped(section.title)}"
    yield ""
    if section.table:
        yield from _markdown_table(section.table)
        yield ""
    for item in section.items:
        name = f"{_named(item.name)}: " if item.name else ""
        yield f"{'  ' * item.depth}- {name}{_escaped(item.text)}"
    if section.folded:
        yield ""
        yield "</details>"


def _markdown_table(table: Sequence[Sequence[str]]) -> Iterator[str]:
    heads, *rows = table
    yield f"| {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * (len(heads) - 1)}"
    for first, *others in rows:
        yield f"| `{first}` | {' | '.join(others)} |"


def _named(name: str) -> str:
    """Set an id as code; the name of a project may hold what would end it."""
    return f"`{name}`" if _ID.fullmatch(name) else _escaped(name)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
