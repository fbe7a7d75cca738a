"""Parquet files joined without reading them: row groups are put behind one another, and one footer made for all.

So a table can be written piece by piece, each when it is ready, and nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from riskengine.portfolio.writing.thrift import Field, Items, Struct, read_struct, write_struct

__all__ = ["MAGIC", "join_footers", "parts_of"]

MAGIC = b"PAR1"
_TAIL = 8

# numbers of fields, as parquet.thrift has them
_ROWS, _GROUPS = 3, 4
_COLUMNS, _GROUP_ROWS, _GROUP_OFFSET, _ORDINAL = 1, 3, 5, 7
_CHUNK_OFFSET, _META = 2, 3
_PAGE_INDEX = (4, 5, 6, 7)
_DATA_PAGE, _INDEX_PAGE, _DICTIONARY_PAGE, _BLOOM_FILTER = 9, 10, 11, 14


def parts_of(file: bytes) -> tuple[bytes, bytes]:
    """Take a Parquet file apart.

    Args:
        file: The whole file.

    Returns:
        What stands between its first sign and its footer, and the footer.
    """
    size = int.from_bytes(file[-_TAIL:-4], "little")
    return file[len(MAGIC) : -_TAIL - size], file[-_TAIL - size : -_TAIL]


def join_footers(parts: Iterable[tuple[int, bytes]]) -> bytes:
    """Make the end of a file that holds the insides of others, from `MAGIC` at its start on.

    Args:
        parts: For each file, by how much its inside stands further on than it did there, and its footer.

    Returns:
        The footer and what follows it.
    """
    first: Struct = {}
    groups: list[bytes] = []
    rows = 0
    for shift, text in parts:
        footer = read_struct(text)
        first = first or footer
        for group in footer[_GROUPS].value.values:
            if group[_GROUP_ROWS].value > 0:
                rows += group[_GROUP_ROWS].value
                # written at once: as structures, those of a long table would take a lot of memory
                groups.append(write_struct(_moved(group, shift, len(groups))))
    first[_GROUPS].value = Items(first[_GROUPS].value.kind, groups)
    first[_ROWS].value = rows
    footer_text = write_struct(first)
    return footer_text + len(footer_text).to_bytes(4, "little") + MAGIC


def _moved(group: Struct, shift: int, ordinal: int) -> Struct:
    _move(group, shift, _GROUP_OFFSET)
    for chunk in group[_COLUMNS].value.values:
        _move(chunk, shift, _CHUNK_OFFSET)
        # it counts the places of pages from the start of the part, and is itself no part of the footer
        for number in _PAGE_INDEX:
            chunk.pop(number, None)
        _move(chunk[_META].value, shift, _DATA_PAGE, _INDEX_PAGE, _DICTIONARY_PAGE, _BLOOM_FILTER)
    if _ORDINAL in group:
        # a number of two bytes, which nothing depends on
        group[_ORDINAL].value = ordinal % (1 << 15)
    return group


def _move(struct: Struct, shift: int, *fields: int) -> None:
    for number in fields:
        field: Field | None = struct.get(number)
        # 0 stands for none
        if field is not None and field.value > 0:
            field.value += shift
