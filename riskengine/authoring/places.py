"""Where a key of an entry stands in its file: the file is read once more, for a pack keeps only where entries begin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from riskengine.errors import ProblemError, Source
from riskengine.pack.files import MAX_FILE_BYTES
from riskengine.pack.model import Quantity, Question, Rule
from riskengine.pack.nodes import MappingNode, SequenceNode, locate
from riskengine.pack.source import read_bytes, read_yaml

__all__ = ["Places"]


class Places:
    """The places of keys, file by file as they are asked for."""

    def __init__(self) -> None:
        self._roots: dict[str, MappingNode | None] = {}
        self._entries: dict[str, dict[Source, MappingNode]] = {}

    def of(self, entry: Question | Quantity | Rule, *path: str | int) -> Source:
        """Say where the value of a key stands.

        Args:
            entry: A question, quantity or rule.
            path: Keys and places in lists, from the entry on; what leads nowhere is passed over.

        Returns:
            The place, or that of the whole entry where the file can't be read again.
        """
        node = self.entry(entry)
        found = node if node is None else locate(node, path)[0]
        return entry.source if found is None or found is node else found.source

    def entry(self, entry: Question | Quantity | Rule) -> MappingNode | None:
        """Give an entry as it was written, or `None` where the file can't be read again."""
        file = entry.source.file
        if file is None or entry.source.line is None:
            return None
        if file not in self._entries:
            self._entries[file] = dict(_entries(self._root(file)))
        return self._entries[file].get(entry.source)

    def at_top(self, file: str, key: str) -> Source:
        """Say where the value of a key at the top of a file stands; the file alone, if it has no such key.

        Args:
            file: The file.
            key: The key.
        """
        root = self._root(file)
        found = None if root is None else root.get(key)
        return Source(file) if found is None else found.source

    def _root(self, file: str) -> MappingNode | None:
        if file not in self._roots:
            self._roots[file] = _read(file)
        return self._roots[file]


def _read(file: str) -> MappingNode | None:
    try:
        root = read_yaml(read_bytes(Path(file), limit=MAX_FILE_BYTES), file, aliases=True)
    except ProblemError:
        # it was changed since the pack was loaded; the place of the entry is what is still known
        return None
    return root if isinstance(root, MappingNode) else None


def _entries(root: MappingNode | None) -> Iterator[tuple[Source, MappingNode]]:
    """Give the entries of a file's lists, by where their id stands."""
    lists = () if root is None else (value for _, value in root.entries if isinstance(value, SequenceNode))
    for listed in lists:
        for entry in listed.items:
            identity = entry.get("id") if isinstance(entry, MappingNode) else None
            if identity is not None and isinstance(entry, MappingNode):
                yield identity.source, entry
