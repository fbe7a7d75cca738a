"""The chain from questions to ends as a graph: of a whole pack, or of what is about one rule, question or area."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Literal, TypeAlias

from riskengine.errors import Problem, ProblemError, nearest
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test
from riskengine.pack.model import Pack, Question, Rule

__all__ = [
    "KINDS",
    "Edge",
    "Graph",
    "Kind",
    "Node",
    "about_area",
    "about_question",
    "about_rule",
    "layers",
    "overview",
    "whole",
]

Kind: TypeAlias = Literal["question", "quantity", "risk", "protection", "check", "conclusion", "end"]

KINDS: Mapping[Kind, str] = {
    "question": "question",
    "quantity": "quantity",
    "risk": "risk",
    "protection": "protection",
    "check": "contradiction check",
    "conclusion": "conclusion that several rules establish",
    "end": "end",
}
"""The kinds of node, each with what a legend calls it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A question, quantity, rule, conclusion or end.

    Attributes:
        key: Its name in the graph; rules have a name space of their own, so the kind is part of it.
        note: A second, short line: what a rule concludes.
        ends: Of a rule, the ends that it leads to, by id.
        is_subject: Whether the graph is about it.
    """

    key: str
    kind: Kind
    id: str
    text: str
    area: str = ""
    note: str = ""
    ends: tuple[str, ...] = ()
    is_subject: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """From what is read to what reads it, or from a rule to what it establishes or leads to.

    Attributes:
        is_gate: Whether the first is a question that decides whether the second is asked.
        is_negated: Whether the first is read under `not` only, so that its absence counts.
    """

    start: str
    end: str
    is_gate: bool = False
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges, both in pack order, and what they are about.

    Attributes:
        areas: The areas that the nodes are of, id and title.
        is_overview: Whether it shows only what builds on one another.
        left_out: The nodes that an overview has no place for.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    areas: tuple[tuple[str, str], ...]
    is_overview: bool = False
    left_out: tuple[Node, ...] = ()

    @property
    def frames(self) -> Iterator[tuple[str, str, tuple[Node, ...]]]:
        """The areas that are framed, each with its title and nodes; where there is only one, none is."""
        for area, title in self.areas if len(self.areas) > 1 else ():
            inside = tuple(node for node in self.nodes if node.area == area)
            if inside:
                yield area, title, inside

    @property
    def unframed(self) -> tuple[Node, ...]:
        """The nodes that stand in no frame."""
        framed = {area for area, _, _ in self.frames}
        return tuple(node for node in self.nodes if node.area not in framed)


def overview(pack: Pack) -> Graph:
    """Give the findings that build on one another, and the ends.

    Questions, quantities, and rules that neither read nor feed another rule are left out; their nodes are kept
    apart, so that a picture can list them.
    """
    graph = whole(pack)
    read = {conclusion for conclusions in pack.conclusions_read.values() for conclusion in conclusions}
    chained = {_rule_key(rule.id) for rule in pack.rules if rule.concludes in read or pack.conclusions_read[rule.id]}
    kept = chained | {node.key for node in graph.nodes if node.kind in ("conclusion", "end")}
    edges = tuple(edge for edge in graph.edges if edge.start in kept and edge.end in kept)
    left_out = tuple(node for node in graph.nodes if node.key not in kept)
    return replace(_cut(graph, graph.title, kept, edges), areas=graph.areas, is_overview=True, left_out=left_out)


def whole(pack: Pack) -> Graph:
    """Give the graph of a whole pack: every question, quantity, rule, conclusion and end."""
    return _graph(f"{pack.name} {pack.version}", tuple(_nodes(pack)), tuple(_edges(pack)), pack)


def about_rule(name: str, pack: Pack, *, steps: int | None = None) -> Graph:
    """Give all that a rule depends on, and all that it feeds.

    Args:
        name: The rule.
        pack: Its pack.
        steps: How many steps to go either way; by default to the last question and the last end. A conclusion
            between two rules is no step.

    Raises:
        ProblemError: RE-805 if the pack has no such rule.
    """
    if name not in pack.rule:
        raise ProblemError(Problem("RE-805", f"the pack has no rule `{name}`", nearest(name, [*pack.rule]), value=name))
    return _around(_rule_key(name), pack, pack.rule[name].title, before=steps, after=steps)


def about_question(name: str, pack: Pack) -> Graph:
    """Give all that a question feeds.

    Raises:
        ProblemError: RE-805 if the pack has no such question.
    """
    if name not in pack.question:
        help = nearest(name, [*pack.question])
        raise ProblemError(Problem("RE-805", f"the pack has no question `{name}`", help, value=name))
    return _around(_question_key(name), pack, pack.question[name].text, before=0, after=None)


def about_area(name: str, pack: Pack) -> Graph:
    """Give the rules of an area, what they read, and what they feed, one step each way.

    Raises:
        ProblemError: RE-805 if the pack has no such area.
    """
    titles = dict(pack.areas)
    if name not in titles:
        help = nearest(name, [*titles])
        raise ProblemError(Problem("RE-805", f"the pack has no area `{name}`", help, value=name))
    graph = whole(pack)
    own = {_rule_key(rule.id) for rule in pack.rules if rule.area == name}
    through = {node.key for node in graph.nodes if node.kind in ("quantity", "conclusion")}
    edges = [edge for edge in graph.edges if not edge.is_gate]
    before = _reached(own, edges, lambda edge: (edge.end, edge.start), 1, through)
    after = _reached(own, edges, lambda edge: (edge.start, edge.end), 1, through)
    into, out_of = own | (before & through), own | (after & through)
    kept = tuple(
        edge
        for edge in edges
        if (edge.start in own | before and edge.end in into) or (edge.start in out_of and edge.end in own | after)
    )
    return _cut(graph, f"{titles[name]}, of {graph.title}", own | before | after, kept)


def _graph(title: str, nodes: tuple[Node, ...], edges: tuple[Edge, ...], pack: Pack) -> Graph:
    present = {node.area for node in nodes}
    return Graph(title, nodes, edges, tuple((id, text) for id, text in pack.areas if id in present))


def _cut(graph: Graph, title: str, kept: set[str], edges: tuple[Edge, ...], subject: str | None = None) -> Graph:
    nodes = tuple(replace(node, is_subject=node.key == subject) for node in graph.nodes if node.key in kept)
    present = {node.area for node in nodes}
    return Graph(title, nodes, edges, tuple(one for one in graph.areas if one[0] in present))


def _around(subject: str, pack: Pack, title: str, *, before: int | None, after: int | None) -> Graph:
    """Cut out what lies on ways through one node: an edge that passes it by is about something else.

    A question that decides whether others are asked feeds these, and not what they feed.
    """
    graph = whole(pack)
    through = {node.key for node in graph.nodes if node.kind in ("quantity", "conclusion")}
    earlier = _reached({subject}, graph.edges, lambda edge: (edge.end, edge.start), before, through)
    gated = {edge.end for edge in graph.edges if edge.is_gate and edge.start == subject and after != 0}
    onward = [edge for edge in graph.edges if not edge.is_gate]
    later = _reached({subject}, onward, lambda edge: (edge.start, edge.end), after, through)
    edges = tuple(
        edge
        for edge in graph.edges
        if (edge.start in earlier and edge.end in earlier | {subject})
        or (edge.start in later | {subject} and edge.end in later and not edge.is_gate)
        or (edge.is_gate and edge.start == subject)
    )
    return _cut(graph, title, earlier | later | gated | {subject}, edges, subject)


def _reached(
    starts: set[str],
    edges: Iterable[Edge],
    ends: Callable[[Edge], tuple[str, str]],
    steps: int | None,
    through: set[str],
) -> set[str]:
    """Give the nodes within so many steps; one that is only passed through, as a conclusion is, costs none."""
    if steps == 0:
        return set()
    onward: dict[str, list[str]] = {}
    for edge in edges:
        start, end = ends(edge)
        onward.setdefault(start, []).append(end)
    found: set[str] = set()
    level, count = set(starts), 0
    while level and (steps is None or count < steps):
        following: set[str] = set()
        waiting = [*level]
        while waiting:
            for one in onward.get(waiting.pop(), ()):
                if one not in found and one not in starts:
                    found.add(one)
                    if one in through:
                        waiting.append(one)
                    else:
                        following.add(one)
        level, count = following, count + 1
    return found


# --- nodes and edges of a pack ---


def _question_key(id: str) -> str:
    return f"question:{id}"


def _quantity_key(id: str) -> str:
    return f"quantity:{id}"


def _rule_key(id: str) -> str:
    return f"rule:{id}"


def _conclusion_key(id: str) -> str:
    return f"conclusion:{id}"


def _end_key(id: str) -> str:
    return f"end:{id}"


def _nodes(pack: Pack) -> Iterator[Node]:
    for question in pack.questions:
        yield Node(_question_key(question.id), "question", question.id, question.text, question.area)
    for quantity in pack.quantities:
        areas = {pack.question[one].area for one in pack.questions_of[quantity.id]}
        area = areas.pop() if len(areas) == 1 else ""
        yield Node(_quantity_key(quantity.id), "quantity", quantity.id, quantity.text, area)
    for rule in pack.rules:
        note = "" if rule.concludes is None else f"concludes {rule.concludes}"
        yield Node(_rule_key(rule.id), _rule_kind(rule), rule.id, rule.title, rule.area, note, rule.leads_to)
    for conclusion in _shared(pack):
        yield Node(_conclusion_key(conclusion), "conclusion", conclusion, conclusion)
    for end in pack.ends:
        yield Node(_end_key(end.id), "end", end.id, end.title)


def _rule_kind(rule: Rule) -> Kind:
    if rule.weight is None:
        return "check"
    return "protection" if rule.weight < 0 else "risk"


def _shared(pack: Pack) -> list[str]:
    """Give the conclusions that need a node of their own: one that a single rule establishes is that rule."""
    return [conclusion for conclusion, rules in pack.rules_concluding.items() if len(rules) != 1]


def _edges(pack: Pack) -> Iterator[Edge]:
    for question in pack.questions:
        yield from _gates(question, pack)
    for quantity in pack.quantities:
        for part in dict.fromkeys(part for part in quantity.of if isinstance(part, str)):
            yield Edge(_about_key(part, pack), _quantity_key(quantity.id))
    shared = set(_shared(pack))
    for rule in pack.rules:
        for start, is_negated in _read(rule, pack, shared).items():
            yield Edge(start, _rule_key(rule.id), is_negated=is_negated)
        if rule.concludes in shared and rule.concludes is not None:
            yield Edge(_rule_key(rule.id), _conclusion_key(rule.concludes))
        for end in rule.leads_to:
            yield Edge(_rule_key(rule.id), _end_key(end))


def _gates(question: Question, pack: Pack) -> Iterator[Edge]:
    if question.ask_when is not None:
        for one in pack.questions_read(question.ask_when):
            yield Edge(_question_key(one), _question_key(question.id), is_gate=True)


def _read(rule: Rule, pack: Pack, shared: set[str]) -> dict[str, bool]:
    """Give what a rule's condition names, each with whether it stands under `not` only."""
    found: dict[str, bool] = {}
    for node, is_negated in _signed(rule.when, False):
        if isinstance(node, Test):
            key = _about_key(node.about, pack)
        else:
            key = _conclusion_key(node.id) if node.id in shared else _rule_key(pack.rules_concluding[node.id][0])
        found[key] = found.get(key, True) and is_negated
    return found


def _signed(condition: Condition, is_negated: bool) -> Iterator[tuple[Test | Conclusion, bool]]:
    match condition:
        case Test() | Conclusion():
            yield condition, is_negated
        case Not(part):
            yield from _signed(part, not is_negated)
        case All(parts) | Any(parts) | AtLeast(_, parts):
            for part in parts:
                yield from _signed(part, is_negated)


def _about_key(about: str, pack: Pack) -> str:
    return _question_key(about) if about in pack.question else _quantity_key(about)


def depths(graph: Graph) -> dict[str, int]:
    """Give each node its depth: 0 if it reads nothing, else one more than the deepest that it reads."""
    before: dict[str, list[str]] = {node.key: [] for node in graph.nodes}
    for edge in graph.edges:
        before[edge.end].append(edge.start)
    found: dict[str, int] = {}
    for key in TopologicalSorter(before).static_order():
        found[key] = 1 + max((found[one] for one in before[key]), default=-1)
    return found


def layers(graph: Graph) -> dict[str, int]:
    """Give each node its layer in a picture: after all that it reads, close to the first that reads it, ends last."""
    found = depths(graph)
    ends = {node.key for node in graph.nodes if node.kind == "end"}
    after: dict[str, list[str]] = {key: [] for key in found}
    for edge in graph.edges:
        if edge.end not in ends:
            after[edge.start].append(edge.end)
    for key in sorted(found, key=found.__getitem__, reverse=True):
        if after[key]:
            found[key] = min(found[one] for one in after[key]) - 1
    last = max((layer for key, layer in found.items() if key not in ends), default=-1) + 1
    return found | dict.fromkeys(ends, last)
