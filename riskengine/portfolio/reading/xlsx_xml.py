"""What readers of workbooks do not tell: which sheets are hidden, how far a sheet reaches, which cells hold an error.

It is in the XML of the workbook, which is looked through in blocks.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

__all__ = ["ErrorCell", "Outline", "first_column", "outline", "visible_sheets"]

BLOCK = 1 << 20
LONGEST_CELL = 1 << 16
_FAULTY = re.compile(rb"<(?:\w+:)?c\b[^>]*\bt=[\"']e[\"'][^>]*>.{0,60000}?<(?:\w+:)?v>([^<]*)<", re.DOTALL)
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)([0-9]+)[\"']")
# a cell that holds something, beyond the first 26 columns: what a table has within them is never too much
_FAR = re.compile(rb"<(?:\w+:)?c\b[^>/]*\br=[\"']([A-Z]{2,3})[0-9]+[\"'][^>/]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\br=[\"']([0-9]+)[\"']")
_LETTERS = 26
_HOLDING = ("v", "is")


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell that holds an error, such as `#DIV/0!`: readers give it as an empty one.

    Attributes:
        row: Its row, the first of the sheet being 0.
        column: Its column, the first of the sheet being 0.
        shown: What the spreadsheet shows.
    """

    row: int
    column: int
    shown: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A sheet, as far as it can be told without reading its cells.

    Attributes:
        rows: Its rows, at most.
        columns: Its columns, at most.
        errors: The cells that hold an error.
    """

    rows: int
    columns: int
    errors: list[ErrorCell]


def visible_sheets(path: Path) -> list[str]:
    """Give the names of the sheets of a workbook that are not hidden."""
    with zipfile.ZipFile(path) as workbook:
        book = ElementTree.fromstring(workbook.read("xl/workbook.xml"))
    sheets = [one for one in book.iter() if _bare(one.tag) == "sheet"]
    return [one.get("name", "") for one in sheets if one.get("state", "visible") == "visible"]


def outline(path: Path, sheet: str) -> Outline:
    """Look through a sheet.

    Args:
        path: The workbook.
        sheet: The name of the sheet.
    """
    rows, columns = 0, _LETTERS
    found: dict[tuple[int, int], ErrorCell] = {}
    with zipfile.ZipFile(path) as workbook, workbook.open(_part(workbook, sheet)) as file:
        for text in _overlapping(file):
            rows = max(rows, *map(int, _ROW.findall(text)), 0)
            columns = max(columns, *(_number(letters) + 1 for letters in set(_FAR.findall(text))), 0)
            found |= {(cell.row, cell.column): cell for cell in _errors(text)}
    return Outline(rows, columns, [found[place] for place in sorted(found)])


def _errors(text: bytes) -> Iterator[ErrorCell]:
    if b't="e"' not in text and b"t='e'" not in text:
        return
    for match in _FAULTY.finditer(text):
        place = _PLACE.search(match[0])
        if place is not None:
            yield ErrorCell(int(place[2]) - 1, _number(place[1]), match[1].decode(errors="replace"))


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while block := file.read(BLOCK):
        yield before + block
        before = (before + block)[-LONGEST_CELL:]


def first_column(path: Path, sheet: str, row: int) -> int:
    """Give the column of the first cell of a row that holds something.

    Args:
        path: The workbook.
        sheet: The name of the sheet.
        row: The row, the first of the sheet being 0; it is not empty.
    """
    with zipfile.ZipFile(path) as workbook, workbook.open(_part(workbook, sheet)) as file:
        for _, element in ElementTree.iterparse(file):
            place = _PLACE.search(f'r="{element.get("r", "")}"'.encode())
            holds = any(_bare(child.tag) in _HOLDING for child in element)
            if place is not None and int(place[2]) == row + 1 and holds:
                return _number(place[1])
    return 0


def _part(workbook: zipfile.ZipFile, sheet: str) -> str:
    """Find the file of a sheet in its workbook.

    Raises:
        KeyError: if the workbook does not say.
    """
    book = ElementTree.fromstring(workbook.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(workbook.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    # the namespace of the attribute is another one in the strict form of the format
    ids = {
        one.get("name"): value
        for one in book.iter()
        for key, value in one.items()
        if _bare(one.tag) == "sheet" and _bare(key) == "id"
    }
    target = targets[ids[sheet]]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def _number(letters: bytes) -> int:
    """Give the number of a column.

    Examples:
        >>> _number(b"A"), _number(b"Z"), _number(b"AA")
        (0, 25, 26)
    """
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - ord("A") + 1
    return number - 1
