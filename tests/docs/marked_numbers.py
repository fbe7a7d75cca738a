"""Numbers of a page that say what they are, so that a test can check them and a script can write them anew.

Three marks are known:

- In a sentence: a number with the name right behind it, `0.63<!--p-->`, or a word in inline code; what a name after
  a per cent sign means is multiplied by 100, `63.2<!--%p-->`.
- In a table under `<!--table-->`: the header's cells name the column, the first cell of a line names the row, and a
  cell holds the value of `column[row]`.
- In a block of text under `<!--sum-->`: lines `name = formula = the same with numbers = result`, of which the part in
  the middle may be missing.

Whatever number is in no such place is a stray one. How many decimals a number is shown with is the page's choice.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Mark", "marks", "mended", "stray_numbers"]

_NUMBER = r"[0-9][0-9,]*(?:\.[0-9]+)?"
_INLINE = re.compile(rf"(-?{_NUMBER}|(?<=`)\w+(?=`<!--))`?<!--(%?)([^>]*?)-->")
_TABLE = re.compile(r"<!--table-->\n((?:\|.*\n)+)")
_SUM = re.compile(r"<!--sum-->\n```text\n(.*?)```", re.DOTALL)
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_NAME = r"[A-Za-z_]\w*(?:\[[\w-]+\])?"
_FUNCTIONS = {"expit": lambda x: 1 / (1 + math.exp(-x)), "sqrt": math.sqrt, "ln": math.log, "exp": math.exp}


@dataclass(frozen=True, slots=True)
class Mark:
    """One place of a page that is checked.

    Attributes:
        start: Where its text begins.
        text: What stands there.
        right: What should stand there.
        about: Its name, for messages.
    """

    start: int
    text: str
    right: str
    about: str


def marks(page: str, values: Mapping[str, Any]) -> list[Mark]:
    """Find the marked places of a page.

    Args:
        page: The page, Markdown.
        values: What is true, by name.

    Raises:
        KeyError: for a name without a value.
        ValueError: for a formula whose value is another than that of its name.
    """
    return [*_inline(page, values), *_tables(page, values), *_sums(page, values)]


def mended(page: str, values: Mapping[str, Any]) -> str:
    """Give the page with the right text in every marked place."""
    for mark in sorted(marks(page, values), key=lambda one: -one.start):
        page = page[: mark.start] + mark.right + page[mark.start + len(mark.text) :]
    return page


def stray_numbers(page: str, known: str) -> list[str]:
    """Give the numbers that stand in no marked place.

    Args:
        page: The page.
        known: Text of files; inline code and blocks of code that stand there word for word are no concern.

    Returns:
        The numbers, each with what stands around it; blocks of YAML that are not in the files, whole.
    """
    left = _SUM.sub("", _TABLE.sub("", page))
    strays = []
    for block in _FENCE.findall(left):
        head, _, body = block.partition("\n")
        if head == "```yaml" and _flat(body.removesuffix("```")) not in _flat(known):
            strays.append(block)
    left = _FENCE.sub("", left)
    left = _INLINE.sub("", left)
    left = re.sub(r"`([^`\n]+)`", lambda found: "" if _flat(found[1]) in _flat(known) else found[0], left)
    left = re.sub(r"\]\([^)]*\)", "]", left)
    strays += [left[max(0, one.start() - 30) : one.end() + 30] for one in re.finditer(_NUMBER, left)]
    return strays


def _flat(text: str) -> str:
    return " ".join(text.split())


def _shown(value: Any, like: str) -> str:
    """Show a value with the decimals that a number on the page has."""
    if isinstance(value, str):
        return value
    decimals = len(like.partition(".")[2]) if re.fullmatch(rf"-?{_NUMBER}", like) else 4
    text = f"{value:,.{decimals}f}" if "," in like else f"{value:.{decimals}f}"
    # there is no negative zero for a reader
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def _inline(page: str, values: Mapping[str, Any]) -> Iterator[Mark]:
    for found in _INLINE.finditer(page):
        number, percent, name = found.groups()
        value = 100 * values[name] if percent else values[name]
        yield Mark(found.start(), number, _shown(value, number), name)


def _tables(page: str, values: Mapping[str, Any]) -> Iterator[Mark]:
    for table in _TABLE.finditer(page):
        columns: list[str] = []
        start = table.start(1)
        for number, line in enumerate(table[1].splitlines(keepends=True)):
            cells = list(re.finditer(r"(?<=\|)[^|\n]*(?=\|)", line))
            if number == 0:
                columns = [cell[0].strip() for cell in cells]
            elif number > 1:
                row = cells[0][0].strip().strip("`")
                for column, cell in zip(columns[1:], cells[1:], strict=True):
                    text = cell[0].strip().strip("`")
                    name = f"{column}[{row}]"
                    yield Mark(start + cell.start() + cell[0].find(text), text, _shown(values[name], text), name)
            start += len(line)


def _sums(page: str, values: Mapping[str, Any]) -> Iterator[Mark]:
    for block in _SUM.finditer(page):
        start = block.start(1)
        for line in re.split(r"(?<=\n)(?=\S)", block[1]):
            yield from _sum(line, start, values)
            start += len(line)


def _sum(line: str, start: int, values: Mapping[str, Any]) -> Iterator[Mark]:
    parts = [(found.start(), found[0]) for found in re.finditer(r"[^=]*[^=\s][^=]*", line)]
    (_, name), (_, formula), *_, (place, result) = parts
    name = name.strip()
    if not math.isclose(_value(formula, values), values[name], rel_tol=2e-6, abs_tol=1e-12):
        raise ValueError(f"{name} is {values[name]}, and {formula.strip()} comes to {_value(formula, values)}")
    yield _trimmed(start + place, result, _shown(values[name], result.strip()), name)
    if len(parts) == 4:
        place, numbers = parts[2]
        yield _trimmed(start + place, numbers, _substituted(formula, numbers, values), name)


def _trimmed(start: int, text: str, right: str, name: str) -> Mark:
    # where lines are broken is no concern
    there = text.strip()
    return Mark(start + len(text) - len(text.lstrip()), there, there if _flat(there) == right else right, name)


def _value(formula: str, values: Mapping[str, Any]) -> float:
    names: dict[str, Any] = {"pi": math.pi, **_FUNCTIONS}

    def plain(found: re.Match[str]) -> str:
        if found[0] in names:
            return found[0]
        alias = f"name{len(names)}"
        names[alias] = values[found[0]]
        return alias

    code = re.sub(_NAME, plain, _flat(formula)).replace("^", "**")
    # nothing but arithmetic and the functions above
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant, ast.operator, ast.unaryop)
    tree = ast.parse(code, mode="eval")
    assert all(isinstance(node, (*allowed, ast.Load)) for node in ast.walk(tree)), formula
    return float(eval(compile(tree, "page", "eval"), {"__builtins__": {}}, names))


def _substituted(formula: str, numbers: str, values: Mapping[str, Any]) -> str:
    """Write a formula with numbers for names, each with the decimals that it has on the page."""
    token = re.compile(rf"{_NAME}|{_NUMBER}")
    on_page = [found[0] for found in token.finditer(numbers) if found[0] not in _FUNCTIONS and found[0] != "pi"]
    place = iter(on_page)

    def number(found: re.Match[str]) -> str:
        if found[0] in _FUNCTIONS or found[0] == "pi":
            return found[0]
        like = next(place, "0.0000")
        if found[0] not in values:
            return found[0]
        shown = _shown(values[found[0]], like)
        squared = _flat(formula)[found.end() :].startswith("^")
        return f"({shown})" if squared and shown.startswith("-") else shown

    text = token.sub(number, _flat(formula))
    return text.replace("+ -", "- ").replace("- -", "+ ")
