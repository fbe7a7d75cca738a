"""What every lint looks at: a pack, many projects, the solver, and the places of what it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from riskengine.authoring.places import Places
from riskengine.authoring.projects import edges, ordinary, unusual
from riskengine.authoring.solver import Solver
from riskengine.authoring.weights import Leverage, Weights
from riskengine.authoring.worlds import Worlds
from riskengine.errors import Problem, Source
from riskengine.logic.conditions import All, Condition
from riskengine.pack.files import pack_files
from riskengine.pack.model import Pack, Quantity, Question, Rule
from riskengine.pack.read import is_folder

__all__ = ["ORDINARY", "Lint", "Subject"]

ORDINARY = 1_000
"""How many projects of the reference sample lints look at."""

UNUSUAL = 1_000


class Subject:
    """A pack under examination.

    Attributes:
        pack: The pack.
        solver: What decides where looking at projects does not.
    """

    def __init__(self, pack: Pack, path: Path | None, seconds: float | None) -> None:
        """Take a pack.

        Args:
            pack: A pack without mistakes.
            path: The folder or file it was read from.
            seconds: Time after which nothing is decided any more.
        """
        self.pack = pack
        self._path = path
        self._seconds = seconds
        self._places = Places()

    @cached_property
    def solver(self) -> Solver:
        """The solver; its time begins when it is first needed."""
        return Solver(self.pack, self._seconds)

    @cached_property
    def ordinary(self) -> Worlds:
        """Projects as they are expected."""
        return Worlds(self.pack, ordinary(self.pack, ORDINARY))

    @cached_property
    def unusual(self) -> Worlds:
        """Projects at the edges."""
        return Worlds(self.pack, unusual(self.pack, UNUSUAL))

    @cached_property
    def edges(self) -> Mapping[str, tuple[float, ...]]:
        """For each question answered by a number, the values that tests can tell apart."""
        return edges(self.pack)

    @cached_property
    def weights(self) -> Weights:
        """The weights, and how far they go."""
        return Weights(self.pack, self.ordinary)

    @cached_property
    def leverage(self) -> tuple[Leverage, ...]:
        """How far each question's answer moves the result, in pack order."""
        return self.weights.leverage(self.edges)

    # --- deciding --------------------------------------------------------------------------------------------

    def can_hold(self, *conditions: Condition) -> bool | None:
        """Say whether conditions hold together in some project.

        Projects can only show that they do; that they never do is proved.

        Args:
            conditions: The conditions.

        Returns:
            `None` where it was not found out.
        """
        together = conditions[0] if len(conditions) == 1 else All(conditions)
        if self.unusual.condition(together) or self.ordinary.condition(together):
            return True
        return self.solver.decide(*conditions).possible

    def undecided(self, entry: Question | Rule, what: str) -> Problem:
        """Report that something was not found out.

        Args:
            entry: The rule or question.
            what: What is not known, from `whether` on.
        """
        late = self.solver.is_late
        right = "give it more time with `--time-limit`" if late else "simplify the conditions that it builds on"
        return Problem("RE-240", f"`{entry.id}`: undecided {what}", right, self.place(entry), entry.id)

    # --- reporting -------------------------------------------------------------------------------------------

    def place(self, entry: Question | Quantity | Rule, *path: str | int) -> Source:
        """Say where a key of an entry stands; the file of the pack, where no more is known."""
        found = self._places.of(entry, *path)
        return found if found.file is not None else self.head("name")

    def head(self, key: str) -> Source:
        """Say where a key of the pack itself stands; the file of the pack, where it has no such key."""
        if self._path is None:
            return Source()
        if not is_folder(self._path):
            return Source(str(self._path))
        return self._places.at_top(str(self._path / "pack.yaml"), key)

    @cached_property
    def own_rules(self) -> tuple[Rule, ...]:
        """The rules that this pack wrote itself, and not one that it extends."""
        return self.own_among(*self.pack.rules)

    def own_among(self, *rules: Rule) -> tuple[Rule, ...]:
        """Give those of some rules that are this pack's own."""
        own = f"{self.pack.name} {self.pack.version}"
        return tuple(rule for rule in rules if rule.origin == own)

    @cached_property
    def own_questions(self) -> tuple[Question, ...]:
        """The questions of this pack's own files."""
        return tuple(one for one in self.pack.questions if self._is_here(one.source))

    @cached_property
    def own_quantities(self) -> tuple[Quantity, ...]:
        """The quantities of this pack's own files."""
        return tuple(one for one in self.pack.quantities if self._is_here(one.source))

    def _is_here(self, source: Source) -> bool:
        return source.file is None or self._files is None or source.file in self._files

    @cached_property
    def _files(self) -> frozenset[str] | None:
        if self._path is None or not is_folder(self._path):
            return None
        return frozenset(str(path) for path in pack_files(self._path))


Lint: TypeAlias = "Callable[[Subject], Iterator[Problem]]"
"""Looks for one kind of mistake."""
