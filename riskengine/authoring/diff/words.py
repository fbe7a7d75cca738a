"""A comparison in words: headlines and sections, which a terminal and a pull request show each in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from riskengine.authoring.diff.changes import Change, Entry, Kind, What
from riskengine.authoring.diff.comparison import Comparison
from riskengine.authoring.diff.effect import Effect, FindingMoved, Mover, Turn

__all__ = ["Item", "Section", "headlines", "sections", "title"]

MOST_LISTED = 40
MOST_TURNS = 15
LONGEST = 100

_KINDS: Mapping[Kind, str] = {
    "pack": "The head of the pack",
    "question": "Questions",
    "quantity": "Quantities",
    "rule": "Rules",
    "source": "Sources",
}
_WHATS: Sequence[What] = ("removed", "added", "renamed", "changed")
_CONDITIONS = ("when", "ask_when", "due_when")
_NO_RULE = "no such rule"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list.

    Attributes:
        text: What it says.
        name: An id, or the name of a project, that stands before it.
        depth: How deep it stands below others.
    """

    text: str
    name: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report.

    Attributes:
        title: Its heading.
        items: A list.
        table: A table, its first row the heads of the columns; the first column holds ids.
        folded: Whether it may be folded away where that is possible.
    """

    title: str
    items: tuple[Item, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    folded: bool = False


def title(comparison: Comparison) -> str:
    """Say which packs were compared."""
    old, new = comparison.old.pack, comparison.new.pack
    return f"{old.name} {old.version} -> {new.name} {new.version}"


def headlines(comparison: Comparison) -> Iterator[str]:
    """Say in a few sentences what the change comes to."""
    effect = comparison.effect
    if effect is None:
        yield "No number changes: " + (
            "the packs differ in texts only." if comparison.changes.entries else "the packs are the same."
        )
        return
    count, points = effect.moved_by_more_than(comparison.points), comparison.points
    size = len(effect.moves)
    yield f"{count:,} of {size:,} projects move by more than {points:g} points ({_percent(count / size)})."
    yield (
        f"In the mean a project moves by {_points(effect.mean_move)} points, or by {100 * effect.mean_distance:.1f} "
        f"up or down; the farthest by {100 * effect.farthest:.1f}."
    )
    yield (
        f"The mean probability goes from {_percent(effect.mean[0])} to {_percent(effect.mean[1])}, its standard "
        f"deviation from {100 * effect.spread[0]:.1f} to {100 * effect.spread[1]:.1f} points."
    )
    yield f"Compared on {effect.projects.source}, by the rules alone, without a trained model."
    yield from _unread(effect)
    yield "To a trained model this is another pack: it has to be trained again."


def _unread(effect: Effect) -> Iterator[str]:
    if effect.new_questions:
        count = len(effect.new_questions)
        what = "question is" if count == 1 else "questions are"
        yield f"{count} {what} new. Where such a question is open, rules on it are possible and add nothing."
    for pack, lost in (("old", effect.projects.lost_in_old), ("new", effect.projects.lost_in_new)):
        if lost:
            listed = ", ".join(f"{question} {count:,}" for question, count in lost.items())
            yield f"Answers that the {pack} pack can't read, and takes as unknown: {listed}."


def sections(comparison: Comparison) -> Iterator[Section]:
    """Give the parts of the report."""
    if comparison.effect is not None:
        yield from _effect(comparison.effect)
    entries = comparison.changes.entries
    for kind in _KINDS:
        found = [one for one in entries if one.kind == kind]
        if found:
            yield Section(f"{_KINDS[kind]}: {_counted(found)}", tuple(_entries(found)), folded=True)


# --- the effect --------------------------------------------------------------------------------------------


def _effect(effect: Effect) -> Iterator[Section]:
    if effect.movers:
        yield Section("Moved farthest", tuple(item for mover in effect.movers for item in _mover(mover)))
    if effect.turns:
        rows = [_turn(one) for one in effect.turns[:MOST_TURNS]]
        left = len(effect.turns) - len(rows)
        more = (Item(_and_more(left, "rules")),) if left else ()
        heads = ("rule", "fired", "fires", "appears", "disappears", "of these open now")
        yield Section("Findings that come and go, in projects", more, (heads, *rows))


def _mover(mover: Mover) -> Iterator[Item]:
    name = " ".join(mover.project.split())
    yield Item(f"{_percent(mover.old)} -> {_percent(mover.new)}, {_points(mover.move)} points", name)
    for one in mover.findings:
        yield Item(f"{one.log_odds:+.2f} log-odds, {_states(one)}", one.rule, 1)


def _states(finding: FindingMoved) -> str:
    old, new = (_NO_RULE if state is None else state.replace("_", " ") for state in (finding.old, finding.new))
    return f"{new} as before" if old == new else f"{old} -> {new}"


def _turn(turn: Turn) -> tuple[str, ...]:
    fired, fires = ("-" if count is None else f"{count:,}" for count in (turn.old, turn.new))
    return turn.rule, fired, fires, f"{turn.appears:,}", f"{turn.disappears:,}", f"{turn.left_open:,}"


# --- the changes -------------------------------------------------------------------------------------------


def _counted(entries: Sequence[Entry]) -> str:
    counts = [(what, sum(one.what == what for one in entries)) for what in _WHATS]
    idle = sum(_is_idle(one) for one in entries)
    listed = ", ".join(f"{count} {what}" for what, count in counts if count)
    return listed + (f" ({idle} without effect on numbers)" if idle else "")


def _is_idle(entry: Entry) -> bool:
    return entry.what == "changed" and not entry.counts


def _entries(entries: Sequence[Entry]) -> Iterator[Item]:
    for what in _WHATS:
        found = [one for one in entries if one.what == what and not _is_idle(one)]
        for one in found[:MOST_LISTED]:
            yield from _entry(one)
        if len(found) > MOST_LISTED:
            yield Item(_and_more(len(found) - MOST_LISTED, what))
    for one in [one for one in entries if _is_idle(one)][:MOST_LISTED]:
        yield Item(f"no effect on numbers: {_keys(one.changes)}", one.id)


def _and_more(count: int, what: str) -> str:
    return f"and {count} more {what}; `--json` lists all"


def _keys(changes: Iterable[Change]) -> str:
    return ", ".join(dict.fromkeys(one.key for one in changes))


def _entry(entry: Entry) -> Iterator[Item]:
    about = f"renamed from {entry.was}" if entry.was is not None else entry.what
    yield Item(f"{about}: {entry.title}", entry.id)
    if entry.kind == "source":
        return
    if entry.what in ("added", "removed"):
        yield from _told(entry.changes)
        return
    for one in entry.changes:
        if one.counts or one.key in _CONDITIONS:
            yield from _change(one)
    texts = [one for one in entry.changes if not one.counts and one.key not in _CONDITIONS]
    if texts:
        yield Item(f"no effect on numbers: {_keys(texts)}", depth=1)


def _told(changes: Sequence[Change]) -> Iterator[Item]:
    """Tell of something that is there in one pack only: its conditions, and all else on one line."""
    told = [(one.key, one.new or one.old) for one in changes]
    for key, value in told:
        if key in _CONDITIONS:
            yield Item(f"{key}: {value}", depth=1)
    others = [f"{key}: {value}" for key, value in told if key not in _CONDITIONS]
    if others:
        yield Item(", ".join(others), depth=1)


def _change(change: Change) -> Iterator[Item]:
    if change.old and change.new and change.key in _CONDITIONS and change.key != "due_when" and not change.counts:
        yield Item(f"{change.key}: written otherwise, the same whatever is answered", depth=1)
    elif not change.old or not change.new:
        sign = "" if change.new else "no longer "
        yield Item(f"{change.key}: {sign}{change.new or change.old}", depth=1)
    elif len(change.old) + len(change.new) <= LONGEST:
        yield Item(f"{change.key}: {change.old} -> {change.new}", depth=1)
    else:
        yield Item(f"{change.key}: {change.old}", depth=1)
        yield Item(f"-> {change.new}", depth=2)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(move: float) -> str:
    return f"{100 * move:+.1f}"
