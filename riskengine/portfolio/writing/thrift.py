"""Thrift's compact protocol, as far as Parquet's footers need it: structures read, and written again as they were.

A structure is a mapping of field numbers to values with their types, so that what is not known here is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Field", "Items", "Struct", "read_struct", "write_struct"]

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = range(1, 14)
_INTEGERS = (_I16, _I32, _I64)
_FIXED = {_BYTE: 1, _DOUBLE: 8, _UUID: 16}


@dataclass(slots=True)
class Field:
    """A field of a structure: its type, and its value."""

    kind: int
    value: Any


@dataclass(slots=True)
class Items:
    """A list or set: the type of its items, and they."""

    kind: int
    values: list[Any]


Struct: TypeAlias = dict[int, Field]


def read_struct(text: bytes) -> Struct:
    """Read a structure.

    Args:
        text: Its bytes; what follows it is ignored.
    """
    return _Reader(text).struct()


def write_struct(struct: Struct) -> bytes:
    """Write a structure."""
    out = bytearray()
    _write_struct(out, struct)
    return bytes(out)


class _Reader:
    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0

    def struct(self) -> Struct:
        found: Struct = {}
        number = 0
        while head := self._byte():
            kind, step = head & 0x0F, head >> 4
            number = number + step if step else _signed(self._varint())
            found[number] = Field(kind, kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind))
        return found

    def _value(self, kind: int) -> Any:
        if kind in _INTEGERS:
            return _signed(self._varint())
        if kind in _FIXED:
            return self._bytes(_FIXED[kind])
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in (_LIST, _SET):
            return self._items()
        if kind == _STRUCT:
            return self.struct()
        raise ValueError(f"type {kind} of Thrift is in no footer")

    def _items(self) -> Items:
        head = self._byte()
        size, kind = head >> 4, head & 0x0F
        if size == 15:
            size = self._varint()
        read = self._byte if kind in (_TRUE, _FALSE) else lambda: self._value(kind)
        return Items(kind, [read() for _ in range(size)])

    def _byte(self) -> int:
        self._at += 1
        return self._text[self._at - 1]

    def _bytes(self, size: int) -> bytes:
        self._at += size
        return self._text[self._at - size : self._at]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _write_struct(out: bytearray, struct: Struct) -> None:
    before = 0
    for number, field in struct.items():
        kind = field.kind
        if kind in (_TRUE, _FALSE):
            kind = _TRUE if field.value else _FALSE
        step = number - before
        if 0 < step < 16:
            out.append(step << 4 | kind)
        else:
            out.append(kind)
            _write_signed(out, number)
        before = number
        if kind not in (_TRUE, _FALSE):
            _write_value(out, kind, field.value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in _INTEGERS:
        _write_signed(out, value)
    elif kind == _BINARY:
        _write_varint(out, len(value))
        out += value
    elif kind in _FIXED:
        out += value
    elif kind == _STRUCT and isinstance(value, bytes):
        # written before
        out += value
    elif kind == _STRUCT:
        _write_struct(out, value)
    else:
        _write_items(out, value)


def _write_items(out: bytearray, items: Items) -> None:
    size = len(items.values)
    if size < 15:
        out.append(size << 4 | items.kind)
    else:
        out.append(0xF0 | items.kind)
        _write_varint(out, size)
    for value in items.values:
        if items.kind in (_TRUE, _FALSE):
            out.append(value)
        else:
            _write_value(out, items.kind, value)


def _write_signed(out: bytearray, value: int) -> None:
    _write_varint(out, value << 1 if value >= 0 else (-value << 1) - 1)


def _write_varint(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
