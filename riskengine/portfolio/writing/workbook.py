"""A table as an XLSX workbook: typed cells, so that no text is ever run, and little memory."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from riskengine.pack.answers import number_in

__all__ = ["MAX_CELL", "MAX_COLUMNS", "MAX_ROWS", "write_workbook"]

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CELL = 32_767
SHEET = "Projects"
_EXACT = 1 << 53
_CREATED = datetime.datetime(2000, 1, 1)
"""The same on every run, so that the bytes are."""
FIRST_YEAR = 1900
"""A sheet has no dates before; such are text."""
_FORMATS = {datetime.datetime: "yyyy-mm-dd hh:mm:ss", datetime.date: "yyyy-mm-dd"}


def write_workbook(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], numbers: Collection[str]
) -> None:
    """Write a workbook of one sheet.

    Args:
        path: The file.
        header: Names of the columns.
        rows: The rows; their texts were checked for their length.
        numbers: Columns of text whose cells become numbers where they can be read as such.

    Raises:
        OSError: if it can't be written.
    """
    workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    workbook.use_zip64()
    workbook.set_properties({"created": _CREATED})
    sheet = workbook.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    formats: dict[type, Any] = {kind: workbook.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
    for column, name in enumerate(header):
        sheet.write_string(0, column, name)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            held = number_in(value) if isinstance(value, str) and header[column] in numbers else value
            _write(sheet, number, column, held, formats)
    try:
        workbook.close()
    except FileCreateError as error:
        raise OSError(str(error)) from None


def _write(sheet: Any, row: int, column: int, value: object, formats: Mapping[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif _is_plain_number(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime.date) and value.year >= FIRST_YEAR:
        naive = value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
        sheet.write_datetime(row, column, naive, formats[type(value)])
    else:
        sheet.write_string(row, column, str(value))


def _is_plain_number(value: object) -> bool:
    """Say whether a spreadsheet can hold a value as a number without changing it."""
    if isinstance(value, int):
        return abs(value) <= _EXACT
    return isinstance(value, (float, decimal.Decimal)) and math.isfinite(value)
