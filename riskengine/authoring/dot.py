"""A graph in the DOT language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskengine.authoring.graph import Edge, Graph, Kind, Node

__all__ = ["dot"]

_SHAPES: Mapping[Kind, str] = {
    "question": 'shape=box, style="rounded,filled", fillcolor="#e8f1fb", color="#3b73b3"',
    "quantity": 'shape=parallelogram, fillcolor="#e4f4f3", color="#2b7f7b"',
    "risk": 'shape=box, fillcolor="#fdecea", color="#b4483a"',
    "protection": 'shape=box, peripheries=2, fillcolor="#e9f6e6", color="#3f8a34"',
    "check": 'shape=note, fillcolor="#fff6dc", color="#96700f"',
    "conclusion": 'shape=hexagon, fillcolor="#f2ecfa", color="#7a55ad"',
    "end": 'shape=octagon, fillcolor="#33383f", color="#33383f", fontcolor="#ffffff"',
}
_WIDTH = 28


def dot(graph: Graph) -> str:
    """Write a graph in the DOT language; nodes of one area stand in a cluster.

    Args:
        graph: The graph.

    Returns:
        A whole `.dot` file.
    """
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield f"digraph {_quoted(graph.title)} {{"
    yield "  rankdir=LR"
    yield f'  graph [label={_quoted(graph.title)}, labelloc=t, fontname="Helvetica", ranksep=1.2, nodesep=0.15]'
    yield '  node [style=filled, fontname="Helvetica", fontsize=11, margin="0.12,0.06"]'
    yield '  edge [color="#6e7781", arrowsize=0.7]'
    if graph.left_out:
        yield f"  // {len(graph.left_out)} questions, quantities and findings that build on no other are left out"
    for area, title, inside in graph.frames:
        yield f"  subgraph {_quoted(f'cluster_{area}')} {{"
        yield f'    label={_quoted(title)} color="#d0d7de"'
        yield from (f"    {_node(node)}" for node in inside)
        yield "  }"
    yield from (f"  {_node(node)}" for node in graph.unframed)
    kinds = {node.key: node.kind for node in graph.nodes}
    yield from (f"  {_edge(edge, kinds)}" for edge in graph.edges)
    yield "}"


def _node(node: Node) -> str:
    import textwrap

    lines = textwrap.wrap(node.text, _WIDTH) or [""]
    label = _quoted("\n".join([*lines, node.note] if node.note else lines))
    more = ", penwidth=3" if node.is_subject else ""
    return (
        f"{_quoted(node.key)} [label={label}, tooltip={_quoted(f'{node.id}: {node.text}')}, {_SHAPES[node.kind]}{more}]"
    )


def _edge(edge: Edge, kinds: Mapping[str, Kind]) -> str:
    more = []
    if edge.is_gate:
        more.append("style=dotted")
    if edge.is_negated:
        more.append('style=dashed, label="not", fontsize=9')
    if kinds[edge.end] == "end":
        eases = kinds[edge.start] == "protection"
        more.append('color="#3f8a34", arrowhead=tee' if eases else 'color="#a3abb3"')
    tail = f" [{', '.join(more)}]" if more else ""
    return f"{_quoted(edge.start)} -> {_quoted(edge.end)}{tail}"


def _quoted(text: str) -> str:
    """Write a text as a quoted id: a backslash would begin an escape, and an ampersand an entity."""
    kept = "".join(one if one == "\n" or one.isprintable() else "\ufffd" for one in text)
    kept = kept.replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"').replace("\n", "\\n")
    return f'"{kept}"'
