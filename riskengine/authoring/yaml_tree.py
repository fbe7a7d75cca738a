"""YAML text as a tree that keeps the comments, each with what it is about.

PyYAML's events have the place of every value and no comments. Comments are what begins with `#` between values, so
they are found from the places, and given to the entry that they stand above or beside.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import yaml

from riskengine.pack.nodes import Scalar as Value
from riskengine.pack.nodes import core_scalar

__all__ = ["Alias", "Collection", "Item", "Scalar", "Tree", "comments_of", "read_tree"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: what it means by the core schema, and how it was written."""

    value: Value
    text: str
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """A repetition of what has an anchor."""

    name: str


@dataclass(slots=True, eq=False)
class Collection:
    """A mapping or a list.

    Attributes:
        is_inline: Whether it was written in braces or brackets.
        after: Comments below its last entry; an empty line is an empty text.
    """

    is_mapping: bool
    is_inline: bool
    anchor: str | None = None
    items: list[Item] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Item:
    """An entry of a mapping, with its key, or of a list.

    Attributes:
        before: Comments above it; an empty line is an empty text.
        beside: The comment at the end of its line, or of its first line.
    """

    key: Scalar | Alias | None
    value: Tree
    before: list[str] = field(default_factory=list)
    beside: str = ""

    @property
    def name(self) -> str:
        """The text of its key; empty in a list."""
        return self.key.text if isinstance(self.key, Scalar) else ""


Tree: TypeAlias = "Scalar | Alias | Collection"


def read_tree(text: str) -> Collection:
    """Read a document that is a mapping, and has been read without a mistake before.

    Args:
        text: The document.

    Returns:
        The mapping at its top.
    """
    reader = _Reader(text)
    root = reader.read()
    _Comments(text, reader, root).attach()
    return root.collection


def comments_of(tree: Tree) -> Iterator[str]:
    """Give all comments of a tree."""
    if isinstance(tree, Collection):
        for item in tree.items:
            yield from filter(None, item.before)
            if item.beside:
                yield item.beside
            yield from comments_of(item.value)
        yield from filter(None, tree.after)


# --- values ---


@dataclass(slots=True, eq=False)
class _Place:
    """Where an item is: where it starts, the lines on which a comment may stand beside it, and what it is in."""

    item: Item
    start: int
    column: int
    lines: set[int]
    parents: tuple[_Span, ...]
    own: _Span | None = None


@dataclass(slots=True, eq=False)
class _Span:
    """Where a collection is, and whose value it is; the end of one that is not inline is not known."""

    collection: Collection
    start: int
    column: int
    owner: _Place | None
    end: int = -1

    def holds(self, index: int) -> bool:
        return self.collection.is_inline and self.start < index < self.end


class _Reader:
    """Builds the tree from events, and notes where everything is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Span] = []
        self._key: tuple[Scalar | Alias, int, int, int] | None = None
        self.begin = 0
        self.root: _Span | None = None
        self.places: list[_Place] = []
        self.values: list[tuple[int, int]] = []

    def read(self) -> _Span:
        for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.DocumentStartEvent):
                self.begin = _known(event.end_mark).index
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                self._single(Alias(event.anchor or ""), event, {_known(event.end_mark).line})
            elif isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end(event)
        assert self.root is not None
        return self.root

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        is_plain = event.implicit[0] and event.style in (None, "")
        scalar = Scalar(core_scalar(event.value) if is_plain else event.value, event.value, event.anchor)
        begin, end = _known(event.start_mark).index, _known(event.end_mark).index
        is_block = event.style in ("|", ">")
        if is_block:
            # a comment may follow the sign, on its line
            begin = _line_end(self._text, begin)
        self.values.append((begin, max(begin, end)))
        self._single(scalar, event, set() if is_block else {_known(event.end_mark).line})

    def _single(self, single: Scalar | Alias, event: yaml.NodeEvent, lines: set[int]) -> None:
        """Take a single value as the key that is due, or as the value of one."""
        parent = self._open[-1] if self._open else None
        if parent is not None and parent.collection.is_mapping and self._key is None:
            mark = _known(event.start_mark)
            self._key = (single, mark.index, mark.line, mark.column)
        else:
            self._value(single, event, lines)

    def _value(self, value: Tree, event: yaml.NodeEvent, lines: set[int]) -> _Place | None:
        if not self._open:
            return None
        parent = self._open[-1]
        mark = _known(event.start_mark)
        key, start, line, column = self._key or (None, mark.index, mark.line, parent.column)
        self._key = None
        item = Item(key, value)
        parent.collection.items.append(item)
        place = _Place(item, start, column, {line, mark.line, *lines}, tuple(self._open))
        self.places.append(place)
        return place

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        collection = Collection(isinstance(event, yaml.MappingStartEvent), bool(event.flow_style), event.anchor)
        owner = self._value(collection, event, set())
        span = _Span(collection, _known(event.start_mark).index, _known(event.start_mark).column, owner)
        if owner is None:
            self.root = span
        else:
            owner.own = span
        self._open.append(span)

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        span = self._open.pop()
        if span.collection.is_inline:
            span.end = _known(event.end_mark).index
            if span.owner is not None:
                span.owner.lines.add(_known(event.end_mark).line)


class _Mark(Protocol):
    """A place in the text; PyYAML's two parsers have a class each for it."""

    index: int
    line: int
    column: int


def _known(mark: _Mark | None) -> _Mark:
    assert mark is not None
    return mark


_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def _line_end(text: str, index: int) -> int:
    found = _BREAK.search(text, index)
    return found.start() if found else len(text)


# --- comments ---


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    index: int
    line: int
    column: int
    is_alone: bool


class _Comments:
    """Gives each comment to the item that it is about."""

    def __init__(self, text: str, reader: _Reader, root: _Span) -> None:
        self._text = text
        self._reader = reader
        self._root = root
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._last: dict[int, int] = {}

    def attach(self) -> None:
        for comment in self._found():
            number = bisect_right(self._reader.places, comment.index, key=lambda one: one.start)
            earlier = self._reader.places[number - 1] if number else None
            following = self._reader.places[number] if number < len(self._reader.places) else None
            inside = self._inside(comment, earlier)
            if following is not None and inside is not None and inside not in following.parents:
                following = None
            beside = None if comment.is_alone else self._beside(comment, earlier, inside)
            if beside is not None and not beside.item.beside:
                beside.item.beside = comment.text
            else:
                self._note(self._above(comment, earlier, following, inside), comment)
        self._close_gaps()

    def _found(self) -> Iterator[_Comment]:
        begin = 0
        for start, end in [*self._reader.values, (len(self._text), len(self._text))]:
            yield from self._between(begin, start)
            begin = max(begin, end)

    def _between(self, begin: int, end: int) -> Iterator[_Comment]:
        while (index := self._text.find("#", begin, end)) >= 0:
            begin = _line_end(self._text, index)
            line = bisect_right(self._starts, index) - 1
            ahead = self._text[self._starts[line] : index]
            if not (index < self._reader.begin and ahead.startswith("%")):
                text = self._text[index:begin].rstrip()
                yield _Comment(text, index, line, len(ahead), not ahead.strip(" \t\ufeff"))

    def _inside(self, comment: _Comment, earlier: _Place | None) -> _Span | None:
        """Give the innermost braces or brackets that a comment stands in."""
        spans = (self._root,) if earlier is None else (*earlier.parents, *([earlier.own] if earlier.own else []))
        return next((span for span in reversed(spans) if span.holds(comment.index)), None)

    def _beside(self, comment: _Comment, earlier: _Place | None, inside: _Span | None) -> _Place | None:
        """Give the innermost item on the comment's line that is not in braces which are closed, or still to open."""
        if earlier is None:
            return None
        around = [span.owner for span in reversed(earlier.parents)]
        for place in (earlier, *around):
            if place is None or comment.line not in place.lines:
                continue
            is_closed = any(span.collection.is_inline and not span.holds(comment.index) for span in place.parents)
            is_outside = inside is not None and inside not in place.parents and place.own is not inside
            if not is_closed and not is_outside:
                return place
        return None

    def _above(
        self, comment: _Comment, earlier: _Place | None, following: _Place | None, inside: _Span | None
    ) -> list[str]:
        """Give the comments that one belongs to which is beside nothing."""
        if comment.is_alone and inside is None:
            ended = self._ended(comment, earlier, following)
            if ended is not None:
                return ended.after
        return following.item.before if following is not None else (inside or self._root).collection.after

    @staticmethod
    def _ended(comment: _Comment, earlier: _Place | None, following: _Place | None) -> Collection | None:
        """Give the collection at whose end a comment stands, by how far it is set in."""
        if earlier is None or (following is not None and comment.column <= following.column):
            return None
        around = () if following is None else following.parents
        for span in reversed(earlier.parents):
            if not span.collection.is_inline and span not in around and span.column <= comment.column:
                return span.collection
        return None

    def _note(self, comments: list[str], comment: _Comment) -> None:
        """Add a comment; where empty lines stand above it, one stays."""
        above = comment.line - 1
        if above >= 0 and not self._line(above).strip():
            comments.append("")
        comments.append(comment.text)
        self._last[id(comments)] = comment.line

    def _close_gaps(self) -> None:
        """Keep an empty line between comments and the item below them."""
        for place in self._reader.places:
            last = self._last.get(id(place.item.before))
            if last is not None and last + 1 < len(self._starts) and not self._line(last + 1).strip():
                place.item.before.append("")

    def _line(self, number: int) -> str:
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
        return self._text[self._starts[number] : end]
