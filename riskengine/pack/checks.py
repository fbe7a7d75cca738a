"""What must hold in a pack whose names are resolved: areas, ends, shares, groups, sizes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from riskengine.errors import Problem, nearest, shorten
from riskengine.logic.conditions import AtLeast, Condition, walk
from riskengine.pack.doubts import KEY, Doubts, Place, own_place
from riskengine.pack.examples import check_chains, check_examples
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question, Rule

__all__ = ["MAX_CLAUSE_SIZE", "check_pack"]

MAX_RULES = 5_000
MAX_QUESTIONS = 500
MAX_CLAUSE_SIZE = 500_000
"""Nodes of all conditions of a pack; more would be a mistake, or an attack."""

_WORSE = {
    "choice": ("first", "last", "none"),
    "number": ("low", "high", "none"),
    "yes_no": ("yes", "no", "none"),
}


def check_pack(
    pack: Pack, doubts: Doubts | None = None, place: Place = own_place, *, states: bool = True
) -> list[Problem]:
    """Find what is wrong with a pack whose names are resolved.

    Args:
        pack: The pack. What it lacks at its head (ends, areas and so on) is taken for a mistake that is known.
        doubts: What could not be read; nothing is said about it, nor about what depends on it.
        place: Where a key of an entry stands.
        states: Whether an example that contradicts its rule is a problem.

    Returns:
        All problems, in no particular order.
    """
    doubts = doubts or Doubts()
    checker = _Checker(pack, doubts, place)
    problems = [
        *(problem for question in pack.questions for problem in checker.question(question)),
        *(problem for rule in pack.rules for problem in checker.rule(rule)),
        *checker.renamed(),
        *checker.groups(),
        *checker.size(),
        *checker.head(),
    ]
    circular, cycles = check_chains(pack, place)
    problems += cycles
    if not doubts.unread:
        problems += check_examples(pack, Doubts(doubts.names, doubts.rules | circular), place, states=states)
    return problems


def _cost(node: Condition) -> int:
    """Give what a node adds to the clauses: a long count becomes a running one, some four for each step."""
    return 1 + (4 * node.needed * len(node.parts) if isinstance(node, AtLeast) else 0)


@dataclass(frozen=True, slots=True)
class _Checker:
    pack: Pack
    doubts: Doubts
    place: Place

    def _wrong(
        self,
        entry: Question | Rule | None,
        path: Sequence[str | int],
        code: str,
        message: str,
        right: str,
        value: object = None,
    ) -> Problem:
        about = f"`{entry.id}`: " if entry is not None else ""
        where = self.place(entry, *path)
        return Problem(code, about + message, right, where, None if value is None else str(value))

    def _declared(
        self,
        entry: Question | Rule | None,
        path: Sequence[str | int],
        what: str,
        name: str,
        known: Sequence[str],
    ) -> Iterator[Problem]:
        # an empty vocabulary is missing itself, and an empty name is
        if name and known and name not in known:
            right = nearest(name, known) or f"one of the {len(known)} that are declared"
            yield self._wrong(entry, path, "RE-209", f"unknown {what} `{name}`", right, name)

    def _sources(self, entry: Rule | None, path: Sequence[str], names: Iterable[str]) -> Iterator[Problem]:
        known = [key for key, _ in self.pack.sources]
        for number, name in enumerate(names):
            if name not in known and not self.doubts.covers(name):
                right = nearest(name, known) or "sources are declared under `sources:`"
                yield self._wrong(entry, [*path, number], "RE-209", f"unknown source `{name}`", right, name)

    # --- questions -----------------------------------------------------------------------------------------

    def question(self, question: Question) -> Iterator[Problem]:
        areas = [area for area, _ in self.pack.areas]
        yield from self._declared(question, ["area"], "area", question.area, areas)
        yield from self._declared(question, ["phase"], "phase", question.phase, self.pack.phases)
        yield from self._worse(question)
        if question.type == "choice" and not question.levels:
            yield self._wrong(question, ["type"], "RE-104", "a choice has no `levels`", "list at least two levels")
        if question.type == "number":
            yield from self._number(question)
            return
        for key in ("minimum", "maximum", "unit"):
            if getattr(question, key) is not None:
                message = f"only a number has `{key}`"
                yield self._wrong(question, [key], "RE-204", message, "leave it out")
        if question.levels:
            yield from self._level_shares(question)

    def _worse(self, question: Question) -> Iterator[Problem]:
        worse = question.worse
        if worse not in _WORSE[question.type]:
            right = "one of " + ", ".join(f"`{word}`" for word in _WORSE[question.type])
            message = f"`worse: {worse}` does not fit a {question.type}"
            yield self._wrong(question, ["worse"], "RE-204", message, right, worse)
        if worse == "none" and question.worse_reason is None:
            message = "`worse: none` has no `worse_reason`"
            yield self._wrong(question, ["worse"], "RE-104", message, "say why no direction is worse", worse)
        if worse != "none" and question.worse_reason is not None:
            message = "a `worse_reason` is given for `none` only"
            yield self._wrong(question, ["worse_reason"], "RE-204", message, "leave it out")

    def _number(self, question: Question) -> Iterator[Problem]:
        if question.levels:
            right = "leave them out, or make it a choice"
            yield self._wrong(question, ["levels"], "RE-204", "a number has no `levels`", right)
        low, high = question.minimum, question.maximum
        if low is None or high is None:
            yield self._wrong(question, ["type"], "RE-104", "a number needs `minimum` and `maximum`", "give both")
        elif low >= high:
            message = "`minimum` is not below `maximum`"
            yield self._wrong(question, ["minimum"], "RE-203", message, "exchange them", f"{low:g}")
        else:
            yield from self._quantiles(question, low, high)

    def _quantiles(self, question: Question, low: float, high: float) -> Iterator[Problem]:
        shares = dict(question.shares)
        absent = shares.pop(NOT_APPLICABLE_LEVEL, None)
        if (absent is not None) != question.may_not_apply or not 0 <= (absent or 0) < 1:
            right = "where a number `may_not_apply`, `shares` have `n/a` with a share from 0 to 1, else not"
            yield self._wrong(question, ["shares"], "RE-217", "the share of `n/a` is missing or wrong", right)
        example = "such as `{0: 1, 50: 4, 100: 30}`"
        try:
            percents = [float(percent) for percent in shares]
        except ValueError:
            message = "`shares` of a number map per cent to value"
            yield self._wrong(question, ["shares"], "RE-217", message, example)
            return
        values = list(shares.values())
        if percents[:1] != [0] or percents[-1:] != [100] or sorted(set(percents)) != percents:
            message = "`shares` go from 0 to 100 per cent, ascending"
            yield self._wrong(question, ["shares"], "RE-217", message, example)
        elif sorted(values) != values or values[0] < low or values[-1] > high:
            message = f"the values of `shares` do not ascend from {low:g} to {high:g}"
            right = "put them in order, within `minimum` and `maximum`"
            yield self._wrong(question, ["shares"], "RE-217", message, right)

    def _level_shares(self, question: Question) -> Iterator[Problem]:
        wanted = [*question.level_ids, *([NOT_APPLICABLE_LEVEL] if question.may_not_apply else [])]
        given = [level for level, _ in question.shares]
        for level in given:
            if level not in wanted:
                right = {"true": "write `yes`", "false": "write `no`"}.get(level, nearest(level, wanted))
                message = f"`shares` name no level `{shorten(level)}`"
                yield self._wrong(question, ["shares", level, KEY], "RE-202", message, right, level)
        lacking = [level for level in wanted if level not in given]
        if lacking:
            message = f"`shares` lack {', '.join(f'`{level}`' for level in lacking)}"
            right = "every answer has an expected share, be it 0"
            yield self._wrong(question, ["shares"], "RE-217", message, right)
        total = math.fsum(share for _, share in question.shares)
        if any(share < 0 for _, share in question.shares):
            yield self._wrong(question, ["shares"], "RE-217", "a share is negative", "shares are 0 or more")
        elif not lacking and set(given) == set(wanted) and abs(total - 1) > 1e-6:
            message = f"`shares` add up to {total:.12g}"
            yield self._wrong(question, ["shares"], "RE-217", message, "make them add up to 1", f"{total:.12g}")

    def renamed(self) -> Iterator[Problem]:
        """Check that an old name leads to one question, or one level, and hides none."""
        taken = {question.id: question.id for question in self.pack.questions}
        for question in self.pack.questions:
            for number, old in enumerate(question.renamed_from):
                if taken.setdefault(old, question.id) != question.id or old == question.id:
                    message = f"the old name `{old}` is that of `{taken[old]}`"
                    yield self._wrong(question, ["renamed_from", number], "RE-206", message, "leave it out", old)
            yield from self._renamed_levels(question)

    def _renamed_levels(self, question: Question) -> Iterator[Problem]:
        taken = {level: level for level in question.level_ids}
        for level in question.levels:
            for number, old in enumerate(level.renamed_from):
                if taken.setdefault(old, level.id) != level.id or old == level.id:
                    message = f"the old name `{old}` is that of level `{taken[old]}`"
                    path: list[str | int] = ["levels", level.id, "renamed_from", number]
                    yield self._wrong(question, path, "RE-206", message, "leave it out", old)

    # --- rules ---------------------------------------------------------------------------------------------

    def rule(self, rule: Rule) -> Iterator[Problem]:
        areas = [area for area, _ in self.pack.areas]
        yield from self._declared(rule, ["area"], "area", rule.area, areas)
        ends = [end.id for end in self.pack.ends]
        for number, end in enumerate(rule.leads_to):
            yield from self._declared(rule, ["leads_to", number], "end", end, ends)
            if end in rule.leads_to[:number]:
                message = f"`{end}` stands twice in `leads_to`"
                yield self._wrong(rule, ["leads_to", number], "RE-206", message, "keep one of the two", end)
        yield from self._sources(rule, ["sources"], rule.sources)

    def groups(self) -> Iterator[Problem]:
        first: dict[str, Rule] = {}
        signs: dict[str, Rule] = {}
        for rule in self.pack.rules:
            if rule.group is None or rule.weight is None:
                continue
            other = first.setdefault(rule.group, rule)
            namesake = self.pack.rule.get(rule.group)
            if namesake is not None and namesake.group != rule.group:
                message = f"group `{rule.group}` has the name of a rule that is not in it"
                yield self._wrong(rule, ["group"], "RE-206", message, "choose another name", rule.group)
            if rule.area and other.area and other.area != rule.area:
                message = f"group `{rule.group}` mixes areas `{other.area}` and `{rule.area}`"
                right = f"a group is graded versions of one risk; `{other.id}` is in the other area"
                yield self._wrong(rule, ["group"], "RE-210", message, right, rule.group)
            signed = signs.setdefault(rule.group, rule) if rule.weight else rule
            assert signed.weight is not None
            if signed.weight * rule.weight < 0:
                message = f"group `{rule.group}` mixes risks and protection"
                right = f"all weights of a group have one sign; `{signed.id}` has the other"
                yield self._wrong(rule, ["weight"], "RE-210", message, right, f"{rule.weight:g}")

    # --- the whole -----------------------------------------------------------------------------------------

    def size(self) -> Iterator[Problem]:
        conditions: list[Condition] = [rule.when for rule in self.pack.rules]
        gates = [question.ask_when for question in self.pack.questions]
        conditions += [gate for gate in gates if gate is not None]
        sizes: Mapping[str, tuple[int, int]] = {
            "rules": (len(self.pack.rules), MAX_RULES),
            "questions": (len(self.pack.questions), MAX_QUESTIONS),
            "quantities": (len(self.pack.quantities), MAX_QUESTIONS),
            "parts of conditions": (sum(_cost(node) for one in conditions for node in walk(one)), MAX_CLAUSE_SIZE),
        }
        for what, (count, most) in sizes.items():
            if count > most:
                message = f"{count:,} {what} in one pack"
                yield self._wrong(None, [], "RE-214", message, f"at most {most:,}", count)

    def head(self) -> Iterator[Problem]:
        pack = self.pack
        if not pack.rules and not (self.doubts.unread or self.doubts.rules):
            yield self._wrong(None, [], "RE-104", "the pack has no rules", "add a file with `rules:`")
        total = math.fsum(end.share for end in pack.ends)
        if pack.ends and abs(total - 1) > 1e-6:
            message = f"the shares of the ends add up to {total:.12g}"
            yield self._wrong(None, ["ends"], "RE-217", message, "make them add up to 1", f"{total:.12g}")
        starts = [level.start for level in pack.risk_levels]
        if starts and (starts[0] != 0 or sorted(set(starts)) != starts):
            message = "risk levels do not ascend from 0"
            yield self._wrong(None, ["risk_levels"], "RE-203", message, "put them in order, the lowest `from: 0`")
        yield from self._base_rate()
        yield from self._sources(None, ["base_rate", "source"], pack.base_rate.source)
        yield from self._sources(None, ["spread", "source"], pack.spread_source)
        yield from self._sources(None, ["coherence", "source"], pack.coherence_source)

    def _base_rate(self) -> Iterator[Problem]:
        base = self.pack.base_rate
        if (base.low is None) != (base.high is None):
            yield self._wrong(None, ["base_rate"], "RE-104", "`low` and `high` belong together", "give both or none")
        elif base.low is not None and base.high is not None and not base.low < base.value < base.high:
            message = "the base rate does not lie between its `low` and `high`"
            yield self._wrong(None, ["base_rate", "value"], "RE-203", message, "low < value < high", base.value)
