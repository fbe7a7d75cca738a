"""A graph as Mermaid, which many sites that show Markdown draw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from riskengine.authoring.graph import KINDS, Edge, Graph, Kind, Node

__all__ = ["mermaid", "node_names"]

# the brackets of a node are its shape
_BRACKETS: Mapping[Kind, tuple[str, str]] = {
    "question": ("(", ")"),
    "quantity": ("[/", "/]"),
    "risk": ("[", "]"),
    "protection": ("[[", "]]"),
    "check": (">", "]"),
    "conclusion": ("{{", "}}"),
    "end": ("([", "])"),
}
# strokes and text dark enough for the light fills, whatever the page's theme
_CLASSES: Mapping[Kind, str] = {
    "question": "fill:#e8f1fb,stroke:#3b73b3,color:#1b1f24",
    "quantity": "fill:#e4f4f3,stroke:#2b7f7b,color:#1b1f24",
    "risk": "fill:#fdecea,stroke:#b4483a,color:#1b1f24",
    "protection": "fill:#e9f6e6,stroke:#3f8a34,color:#1b1f24",
    "check": "fill:#fff6dc,stroke:#96700f,color:#1b1f24",
    "conclusion": "fill:#f2ecfa,stroke:#7a55ad,color:#1b1f24",
    "end": "fill:#33383f,stroke:#33383f,color:#ffffff",
}
# what Mermaid would read as markup, or as the end of a text
_SPECIAL = re.compile("[^\\w ,.?!'()/+%=\u00a0-\uffff-]|[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def mermaid(graph: Graph) -> str:
    """Write a graph as a Mermaid flowchart, left to right; rules stand in a frame for each area.

    Args:
        graph: The graph.

    Returns:
        The text, without the fence that Markdown needs around it.
    """
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    names = node_names(graph)
    yield "flowchart LR"
    yield f"  accTitle: {_plain(graph.title) or 'graph'}"
    if graph.left_out:
        yield f"  %% {len(graph.left_out)} questions, quantities and findings that build on no other are left out"
    for area, title, inside in graph.frames:
        yield f"  subgraph {_frame_name(area)}[{_quoted(title)}]"
        yield from (f"    {_node(node, names)}" for node in inside)
        yield "  end"
    yield from (f"  {_node(node, names)}" for node in graph.unframed)
    kinds = {node.key: node.kind for node in graph.nodes}
    yield from (f"  {names[edge.start]} {_arrow(edge, kinds)} {names[edge.end]}" for edge in graph.edges)
    yield from _classes(graph, names)


def node_names(graph: Graph) -> dict[str, str]:
    """Give each node a name of letters, digits and underscores that no other has."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for node in graph.nodes:
        base = re.sub(r"[^A-Za-z0-9]", "_", f"{node.key.split(':', 1)[0]}_{node.id}")
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}__{number}"
        taken.add(name)
        found[node.key] = name
    return found


def _frame_name(area: str) -> str:
    return "area_" + re.sub(r"[^A-Za-z0-9]", "_", area)


def _node(node: Node, names: Mapping[str, str]) -> str:
    left, right = _BRACKETS[node.kind]
    text = f"{_escaped(node.text)}<br/><small>{_escaped(node.note)}</small>" if node.note else _escaped(node.text)
    return f'{names[node.key]}{left}"{text}"{right}'


def _arrow(edge: Edge, kinds: Mapping[str, Kind]) -> str:
    if edge.is_gate:
        return "-. asked if .->"
    if edge.is_negated:
        return '-- "not" -->'
    return "--x" if kinds[edge.end] == "end" and kinds[edge.start] == "protection" else "-->"


def _classes(graph: Graph, names: Mapping[str, str]) -> Iterator[str]:
    for kind in KINDS:
        members = [names[node.key] for node in graph.nodes if node.kind == kind]
        if members:
            yield f"  classDef {_class_name(kind)} {_CLASSES[kind]}"
            yield f"  class {','.join(members)} {_class_name(kind)}"
    framed = [_frame_name(area) for area, _ in graph.areas if any(node.area == area for node in graph.nodes)]
    if len(graph.areas) > 1 and framed:
        yield "  classDef is_area fill:none,stroke:#8b949e"
        yield f"  class {','.join(framed)} is_area"
    subjects = [names[node.key] for node in graph.nodes if node.is_subject]
    if subjects:
        yield "  classDef itself stroke-width:4px"
        yield f"  class {','.join(subjects)} itself"


def _class_name(kind: Kind) -> str:
    return f"is_{kind}"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Write signs that could be markup as Mermaid's own entities, and what can't be shown as one that only shows."""
    return _SPECIAL.sub(_entity, " ".join(text.split())) or " "


def _entity(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20 or code == 0x7F or 0xD800 <= code <= 0xDFFF:
        code = 0xFFFD
    return f"#{code};"


def _plain(text: str) -> str:
    """Give a text for where Mermaid knows no entities: signs that could be markup become blanks."""
    return " ".join(_SPECIAL.sub(" ", text).split())
