"""The cells of a sheet that hold an error, such as `#DIV/0!`: readers of workbooks give them as empty ones."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

__all__ = ["ErrorCell", "error_cells", "first_column"]

BLOCK = 1 << 20
LONGEST_CELL = 1 << 16
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FAULTY = re.compile(rb"<(?:\w+:)?c\b[^>]*\bt=[\"']e[\"'][^>]*>.{0,60000}?<(?:\w+:)?v>([^<]*)<", re.DOTALL)
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)([0-9]+)[\"']")
_HOLDING = ("v", "is")


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell that holds an error.

    Attributes:
        row: Its row, the first of the sheet being 0.
        column: Its column, the first of the sheet being 0.
        shown: What the spreadsheet shows.
    """

    row: int
    column: int
    shown: str


def error_cells(path: Path, sheet: str) -> list[ErrorCell]:
    """Find the cells with errors.

    Args:
        path: The workbook.
        sheet: The name of the sheet.
    """
    found: dict[tuple[int, int], ErrorCell] = {}
    with zipfile.ZipFile(path) as workbook, workbook.open(_part(workbook, sheet)) as file:
        for text in _overlapping(file):
            if b't="e"' not in text and b"t='e'" not in text:
                continue
            for match in _FAULTY.finditer(text):
                place = _PLACE.search(match[0])
                if place is not None:
                    cell = ErrorCell(int(place[2]) - 1, _number(place[1].decode()), match[1].decode(errors="replace"))
                    found[cell.row, cell.column] = cell
    return [found[place] for place in sorted(found)]


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
            holds = any(child.tag.rpartition("}")[2] in _HOLDING for child in element)
            if place is not None and int(place[2]) == row + 1 and holds:
                return _number(place[1].decode())
    return 0


def _part(workbook: zipfile.ZipFile, sheet: str) -> str:
    """Find the file of a sheet in its workbook."""
    book = ElementTree.fromstring(workbook.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(workbook.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    ids = [one.get(_RELATION) for one in book.iter() if one.get("name") == sheet and one.get(_RELATION)]
    target = targets[ids[0]]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _number(letters: str) -> int:
    """Give the number of a column.

    Examples:
        >>> _number("A"), _number("Z"), _number("AA")
        (0, 25, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
