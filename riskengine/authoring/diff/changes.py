"""What changed between two states of a pack, entry by entry and key by key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, Literal, TypeAlias

from riskengine.authoring.diff.conditions import come_to_the_same, in_short
from riskengine.authoring.diff.names import Names, in_new_names, new_names
from riskengine.logic.conditions import Condition
from riskengine.pack.answers_schema import plain_number
from riskengine.pack.json_form import meaning, pack_to_json
from riskengine.pack.model import Pack

__all__ = ["Change", "Changes", "Entry", "Kind", "What", "compare"]

Kind: TypeAlias = Literal["pack", "question", "quantity", "rule", "source"]
What: TypeAlias = Literal["added", "removed", "renamed", "changed"]
Form: TypeAlias = Mapping[str, Any]

_LISTS: Mapping[Kind, str] = {"question": "questions", "quantity": "quantities", "rule": "rules"}
# what is told of an entry that was added or removed, beside its title
_TOLD: Mapping[Kind, Sequence[str]] = {
    "question": ("type", "area", "levels", "ask_when"),
    "quantity": ("op", "of"),
    "rule": ("when", "weight", "warns", "concludes", "area", "group", "leads_to"),
}
# what says nothing about the entry itself
_IDLE = ("id", "renamed_from", "origin", "changed_by")
_IDLE_HEAD = ("schema", "questions", "quantities", "rules", "sources")


@dataclass(frozen=True, slots=True)
class Change:
    """A key of an entry that changed.

    Attributes:
        key: The key, with those it stands below: `shares.idea`. `place` is the place in the list of its kind.
        old: What it was, on one line; empty where there was none.
        new: What it is now.
        counts: Whether a finding or a number can change by it; else it is a text, or said otherwise.
    """

    key: str
    old: str
    new: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in the pack that changed.

    Attributes:
        kind: What it is.
        id: Its id; the new one where it was renamed.
        what: What became of it. What was renamed may have changes too.
        title: What it is in words.
        was: Its former id.
        changes: Keys that changed; of what was added or removed the most telling ones, one side empty.
    """

    kind: Kind
    id: str
    what: What
    title: str
    was: str | None = None
    changes: tuple[Change, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether a finding or a number can change by it."""
        return any(one.counts for one in self.changes)


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed.

    Attributes:
        entries: Of the pack's head, questions, quantities, rules, sources; in the order of the new pack, what was
            removed last.
        names: What questions and levels of the old pack are called in the new one.
        rules: The new ids of rules that were renamed.
    """

    entries: tuple[Entry, ...]
    names: Names
    rules: Mapping[str, str]


def compare(old: Pack, new: Pack) -> Changes:
    """Compare two packs.

    Args:
        old: The pack as it was.
        new: The pack as it is.

    Returns:
        Every difference; questions, levels and rules that were only renamed are followed.
    """
    names = new_names(old, new)
    before = in_new_names(old, names)
    rules = _renamed_rules(before, new)
    before = replace(before, rules=tuple(replace(rule, id=rules.get(rule.id, rule.id)) for rule in before.rules))
    comparison = _Comparison(before, new)
    questions = {new: old for old, new in names.questions.items()}
    entries = [
        *comparison.head(),
        *comparison.listed("question", questions),
        *comparison.listed("quantity", {}),
        *comparison.listed("rule", {new: old for old, new in rules.items()}),
        *comparison.sources(),
    ]
    return Changes(tuple(entries), names, rules)


def _renamed_rules(old: Pack, new: Pack) -> dict[str, str]:
    """Find rules that are the same in all but their id and texts."""
    before, after = _by_meaning(old, new), _by_meaning(new, old)
    return {before[key]: after[key] for key in before if key in after}


def _by_meaning(pack: Pack, other: Pack) -> dict[str, str]:
    """Give the ids of rules that the other pack does not have by their meaning, where only one has it."""
    forms = [form for form in pack_to_json(pack)["rules"] if form["id"] not in other.rule]
    found = {form["id"]: meaning({key: value for key, value in form.items() if key != "id"}) for form in forms}
    often = Counter(found.values())
    return {key: id for id, key in found.items() if often[key] == 1}


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry of one of the packs: its one-file JSON, and its conditions by key."""

    form: Form
    conditions: Mapping[str, Condition] = field(default_factory=dict)


_NOTHING = _Item({})


class _Comparison:
    def __init__(self, old: Pack, new: Pack) -> None:
        self._old, self._new = old, new
        self._forms = pack_to_json(old), pack_to_json(new)

    def head(self) -> Iterator[Entry]:
        before, after = self._forms
        changes = tuple(self._keys(_Item(before), _Item(after), _IDLE_HEAD))
        if changes:
            yield Entry("pack", self._new.name, "changed", f"{self._new.name} {self._new.version}", changes=changes)

    def listed(self, kind: Kind, was: Mapping[str, str]) -> Iterator[Entry]:
        """Compare the questions, quantities or rules.

        Args:
            kind: Which.
            was: Former ids of what was renamed, by the new id.
        """
        before = _items(self._old, self._forms[0], kind)
        after = _items(self._new, self._forms[1], kind)
        moved = _moved([*before], [*after])
        for id, item in after.items():
            former = was.get(id)
            if id not in before:
                yield Entry(kind, id, "added", _title(item), changes=self._told(_NOTHING, item, kind))
                continue
            changes = (*self._keys(before[id], item, _IDLE), *moved.get(id, ()))
            if former is not None:
                yield Entry(kind, id, "renamed", _title(item), former, changes)
            elif changes:
                yield Entry(kind, id, "changed", _title(item), None, changes)
        for id, item in before.items():
            if id not in after:
                yield Entry(kind, id, "removed", _title(item), changes=self._told(item, _NOTHING, kind))

    def sources(self) -> Iterator[Entry]:
        before, after = (form.get("sources", {}) for form in self._forms)
        for key in [*after, *(key for key in before if key not in after)]:
            old, new = before.get(key, ""), after.get(key, "")
            if old != new:
                what: What = "changed" if old and new else "added" if new else "removed"
                yield Entry("source", key, what, new or old, changes=(Change("cite", old, new, counts=False),))

    def _told(self, old: _Item, new: _Item, kind: Kind) -> tuple[Change, ...]:
        found = {one.key: one for one in self._keys(old, new, ()) if one.key in _TOLD[kind]}
        return tuple(found[key] for key in _TOLD[kind] if key in found)

    def _keys(self, old: _Item, new: _Item, without: Iterable[str]) -> Iterator[Change]:
        for key in dict.fromkeys((*new.form, *old.form)):
            before, after = old.form.get(key), new.form.get(key)
            if key in without or before == after:
                continue
            if key in {**old.conditions, **new.conditions}:
                yield self._condition(key, old.conditions.get(key), new.conditions.get(key))
            else:
                yield from _parts(key, before, after)

    def _condition(self, key: str, old: Condition | None, new: Condition | None) -> Change:
        same = old is not None and new is not None and come_to_the_same(old, new, self._old, self._new) is True
        before, after = ("" if one is None else in_short(one) for one in (old, new))
        return Change(key, before, after, counts=key != "due_when" and not same)


def _items(pack: Pack, form: Form, kind: Kind) -> dict[str, _Item]:
    forms = {one["id"]: one for one in form.get(_LISTS[kind], ())}
    if kind == "rule":
        return {id: _Item(one, {"when": pack.rule[id].when}) for id, one in forms.items()}
    if kind == "quantity":
        return {id: _Item(one) for id, one in forms.items()}
    return {id: _Item(one, _gates(pack, id)) for id, one in forms.items()}


def _gates(pack: Pack, question: str) -> dict[str, Condition]:
    held = {"ask_when": pack.question[question].ask_when, "due_when": pack.question[question].due_when}
    return {key: gate for key, gate in held.items() if gate is not None}


def _title(item: _Item) -> str:
    return str(item.form.get("title") or item.form.get("text") or item.form["id"])


def _moved(before: Sequence[str], after: Sequence[str]) -> dict[str, tuple[Change]]:
    """Say of each entry that stands elsewhere among those of both packs where it stood and stands."""
    old, new = [one for one in before if one in after], [one for one in after if one in before]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {one for block in blocks for one in old[block.a : block.a + block.size]}
    return {
        one: (Change("place", str(before.index(one) + 1), str(after.index(one) + 1), counts=True),)
        for one in new
        if one not in kept
    }


# --- values ------------------------------------------------------------------------------------------------


def _parts(key: str, old: Any, new: Any) -> Iterator[Change]:
    """Compare two values; mappings and lists of entries with an id part by part."""
    before, after = _named(old), _named(new)
    if before is None or after is None:
        yield Change(key, _shown(old), _shown(new), counts=_counts({key: old}, {key: new}))
        return
    if key not in _BY_KEY and [*before] != [*after]:
        ids = None if old is None else [*before], None if new is None else [*after]
        yield Change(key, _shown(ids[0]), _shown(ids[1]), counts=_counts({key: ids[0]}, {key: ids[1]}))
    for id in dict.fromkeys((*after, *before)):
        one, other = before.get(id), after.get(id)
        if key in _BY_KEY:
            yield from _part(key, f"{key}.{id}", id, one, other)
        elif one is not None and other is not None:
            for inner in dict.fromkeys((*other, *one)):
                yield from _part(key, f"{key}.{id}.{inner}", inner, one.get(inner), other.get(inner))


_BY_KEY = ("shares",)


def _named(value: Any) -> Mapping[str, Any] | None:
    """Give the parts of a value by name; `None` if it has none."""
    if value is None or isinstance(value, Mapping):
        return value or {}
    if isinstance(value, list) and all(isinstance(one, Mapping) and "id" in one for one in value):
        return {one["id"]: {key: part for key, part in one.items() if key not in _IDLE} for one in value}
    return None


def _part(key: str, path: str, inner: str, old: Any, new: Any) -> Iterator[Change]:
    if old != new:
        yield Change(path, _shown(old), _shown(new), counts=_counts({key: {inner: old}}, {key: {inner: new}}))


def _counts(old: Form, new: Form) -> bool:
    return meaning(old) != meaning(new)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(plain_number(value))
    if isinstance(value, list):
        if any(isinstance(one, Mapping) for one in value):
            return str(len(value))
        return f"[{', '.join(_shown(one) for one in value)}]"
    return str(value)
