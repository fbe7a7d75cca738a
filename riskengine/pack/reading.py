"""What the readers of a pack's parts share: problems, doubts, and where each entry stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from riskengine.errors import Problem, Source
from riskengine.pack.doubts import KEY, Doubts
from riskengine.pack.model import Pack, Quantity, Question, Rule
from riskengine.pack.nodes import MappingNode, locate, shown

__all__ = ["Reading"]


@dataclass(slots=True)
class Reading:
    """The state of reading one folder.

    Attributes:
        label: Name and version of the pack.
        extended: The pack that it extends.
        problems: Problems found.
        doubts: What could not be read.
        head: The root of `pack.yaml`.
        topics: The nodes of questions and quantities, by id.
        rules: The nodes of rules, by id.
    """

    label: str = ""
    extended: Pack | None = None
    problems: list[Problem] = field(default_factory=list)
    doubts: Doubts = field(default_factory=Doubts)
    head: MappingNode | None = None
    topics: dict[str, MappingNode] = field(default_factory=dict)
    rules: dict[str, MappingNode] = field(default_factory=dict)

    def wrong(
        self, code: str, message: str, right: str, node: MappingNode, *path: str | int, value: str | None = None
    ) -> None:
        """Note a problem at a key of an entry, or at the whole entry where it lacks the key."""
        found, _, complete = locate(node, path)
        shown_value = shown(found) if value is None and path and complete else value
        self.at(code, message, right, found.source, shown_value)

    def at(self, code: str, message: str, right: str, source: Source, value: str | None = None) -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(code, message, right, source, value))

    @staticmethod
    def place_of(node: MappingNode, key: str) -> Source:
        """Say where the value of a key stands, or the whole entry where it lacks the key."""
        return locate(node, [key])[0].source

    def place(self, entry: Question | Quantity | Rule | None, *path: str | int) -> Source:
        """Say where a key of an entry stands; the entry's own place if it is of the extended pack."""
        node = self._node(entry)
        if node is None:
            return Source() if entry is None else entry.source
        found, key, complete = locate(node, [part for part in path if part != KEY])
        if not complete:
            return found.source if entry is None else entry.source
        return key.source if key is not None and path[-1:] == (KEY,) else found.source

    def _node(self, entry: Question | Quantity | Rule | None) -> MappingNode | None:
        if entry is None:
            return self.head
        if isinstance(entry, Rule):
            return self.rules.get(entry.id)
        return self.topics.get(entry.id)
