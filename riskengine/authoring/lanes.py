"""A whole pack as one picture: a lane an area, a column a step of the chain, the ends on the right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from riskengine.authoring.graph import KINDS, Graph, Node, depths
from riskengine.authoring.layout import (
    BEND_GAP,
    COLUMN_GAP,
    ROW_GAP,
    Box,
    Layout,
    Size,
    Vertex,
    chains_of,
    distance,
    routes_of,
    settle,
    wished,
)
from riskengine.authoring.lettering import LINE_HEIGHT, broken
from riskengine.authoring.svg import (
    BOX_WIDTH,
    END_WIDTH,
    FONT,
    SMALL,
    Lettering,
    drawing,
    lettering_of,
    marks,
    rectangle,
    text_lines,
    xml,
)

__all__ = ["overview_svg"]

_CARD_WIDTH = 288.0
_CARD_GAP = 20.0
_PADDING = 12.0
_HEADING = 24.0
_SWEEPS = 12
_EXPLANATION = (
    "Findings stand right of those that they build on; on the left, each area's questions, and its findings that "
    "build on no other. Small numbers name the ends that a finding leads to; lines to the ends are drawn from where "
    "a chain stops."
)


@dataclass(slots=True)
class _Lane:
    """The band of one area, and the cards on its left."""

    area: str
    title: str
    questions: tuple[Node, ...]
    alone: tuple[Node, ...]
    top: float = 0.0
    height: float = 0.0

    @property
    def inner_top(self) -> float:
        return self.top + _HEADING

    @property
    def inner_bottom(self) -> float:
        return self.top + self.height - _PADDING


def overview_svg(graph: Graph) -> str:
    """Draw what `overview` gives.

    Args:
        graph: The overview of a pack.

    Returns:
        A whole SVG file, the same bytes for the same graph.
    """
    lanes = [_lane(area, title, graph) for area, title in graph.areas]
    numbers = {node.id: number for number, node in enumerate(_ends(graph), start=1)}
    drawn = _without_passing_ends(graph)
    letterings = {node.key: _lettering(node, numbers) for node in drawn.nodes}
    sizes = {key: (one.width, one.height) for key, one in letterings.items()}
    layout = _laid_out(drawn, lanes, sizes)
    behind = [element for lane in lanes for element in _behind(lane, layout.width, numbers)]
    above = [element for box in layout.boxes for element in _marks(box, drawn, numbers)]
    return drawing(drawn, layout, letterings, behind=behind, above=above, explanation=_EXPLANATION)


def _ends(graph: Graph) -> list[Node]:
    return [node for node in graph.nodes if node.kind == "end"]


def _lane(area: str, title: str, graph: Graph) -> _Lane:
    own = [node for node in graph.left_out if node.area == area]
    asked = tuple(node for node in own if node.kind == "question")
    return _Lane(area, title, asked, tuple(node for node in own if node.kind not in ("question", "quantity")))


def _without_passing_ends(graph: Graph) -> Graph:
    """Drop the edges to ends of findings that others build on."""
    ends = {node.key for node in _ends(graph)}
    passing = {edge.start for edge in graph.edges if edge.end not in ends}
    kept = tuple(edge for edge in graph.edges if edge.end not in ends or edge.start not in passing)
    return replace(graph, edges=kept)


def _lettering(node: Node, numbers: Mapping[str, int]) -> Lettering:
    named = replace(node, text=f"{numbers[node.id]}  {node.text}") if node.kind == "end" else replace(node, note="")
    lettering = lettering_of(named, {})
    return replace(lettering, height=max(lettering.height, 56.0)) if node.kind == "end" else lettering


# --- places ---


def _laid_out(graph: Graph, lanes: Sequence[_Lane], sizes: Mapping[str, Size]) -> Layout:
    place = depths(graph)
    last = max((place[node.key] for node in graph.nodes if node.kind != "end"), default=-1) + 1
    place |= {node.key: last for node in _ends(graph)}
    vertices = [Vertex(place[node.key], sizes[node.key][1], is_bend=False) for node in graph.nodes]
    chains = chains_of(graph, place, vertices)
    lane_of = _lanes_of(graph, lanes, chains, len(vertices))
    columns: list[list[int]] = [[] for _ in range(last + 1)]
    for index, vertex in enumerate(vertices):
        columns[vertex.layer].append(index)
    _measure(lanes, columns[:-1], vertices, lane_of)
    height = lanes[-1].top + lanes[-1].height if lanes else 0.0
    _arrange(lanes, columns, vertices, lane_of, height)
    first = 2 * (_CARD_WIDTH + _CARD_GAP) + _PADDING + COLUMN_GAP / 2
    sides = [
        (first + n * (BOX_WIDTH + COLUMN_GAP), first + n * (BOX_WIDTH + COLUMN_GAP) + BOX_WIDTH) for n in range(last)
    ]
    sides.append((first + last * (BOX_WIDTH + COLUMN_GAP), first + last * (BOX_WIDTH + COLUMN_GAP) + END_WIDTH))
    boxes = {
        node.key: Box(node.key, sides[vertex.layer][0], vertex.middle - vertex.height / 2, *sizes[node.key])
        for node, vertex in zip(graph.nodes, vertices, strict=False)
    }
    routes = routes_of(graph, chains, vertices, boxes, sides)
    return Layout(sides[-1][1], height, tuple(boxes.values()), routes)


def _lanes_of(graph: Graph, lanes: Sequence[_Lane], chains: Sequence[Sequence[int]], count: int) -> list[int]:
    """Give each vertex its lane: a bend runs in the lane that its line leads to, or comes from if that is an end."""
    number = {lane.area: index for index, lane in enumerate(lanes)}
    found = [-1] * count
    for index, node in enumerate(graph.nodes):
        found[index] = number.get(node.area, -1)
    for chain in chains:
        if found[chain[-1]] < 0 and graph.nodes[chain[-1]].kind == "conclusion":
            found[chain[-1]] = found[chain[0]]
    for chain in chains:
        lane = found[chain[-1]] if found[chain[-1]] >= 0 else found[chain[0]]
        for bend in chain[1:-1]:
            found[bend] = lane
    return found


def _measure(
    lanes: Sequence[_Lane], columns: Sequence[Sequence[int]], vertices: Sequence[Vertex], lane_of: Sequence[int]
) -> None:
    top = 0.0
    for number, lane in enumerate(lanes):
        cells = [[one for one in column if lane_of[one] == number] for column in columns]
        needed = [_cell_height([vertices[one] for one in cell]) for cell in cells]
        cards = [_card_height(lane.questions), _card_height(lane.alone)]
        lane.top, lane.height = top, max(*needed, *cards, 20.0) + _HEADING + _PADDING
        top += lane.height


def _cell_height(cell: Sequence[Vertex]) -> float:
    """Give the height that is enough in whatever order boxes and bends stand."""
    boxes, gaps = sum(not one.is_bend for one in cell), max(len(cell) - 1, 0)
    wide = min(gaps, 2 * boxes)
    return sum(one.height for one in cell) + wide * ROW_GAP + (gaps - wide) * BEND_GAP


def _card_height(nodes: Sequence[Node]) -> float:
    return len(nodes) * SMALL * LINE_HEIGHT + 26 if nodes else 0.0


def _arrange(
    lanes: Sequence[_Lane],
    columns: Sequence[list[int]],
    vertices: Sequence[Vertex],
    lane_of: Sequence[int],
    height: float,
) -> None:
    """Order each cell by where its neighbours are, and move it there as far as its lane allows."""
    for vertex, number in zip(vertices, lane_of, strict=True):
        lane = lanes[number] if number >= 0 else None
        vertex.middle = (lane.inner_top + lane.inner_bottom) / 2 if lane else height / 2
    *chained, ends = columns
    for sweep in range(_SWEEPS):
        for column in chained if sweep % 2 == 0 else list(reversed(chained)):
            wishes = {one: wished(vertices[one], vertices) for one in column}
            for number in sorted({lane_of[one] for one in column}):
                cell = sorted((one for one in column if lane_of[one] == number), key=lambda one: (wishes[one], one))
                settle(cell, vertices, [wishes[one] for one in cell])
                _keep_in(cell, vertices, lanes[number].inner_top, lanes[number].inner_bottom)
        order = sorted(ends, key=lambda one: (wished(vertices[one], vertices), one))
        for place, one in enumerate(order):
            vertices[one].middle = height * (place + 0.5) / len(order)


def _keep_in(cell: Sequence[int], vertices: Sequence[Vertex], top: float, bottom: float) -> None:
    limit = bottom
    for place, one in enumerate(reversed(cell)):
        below = cell[len(cell) - place] if place else None
        limit = limit - vertices[one].height / 2 if below is None else limit - distance(vertices[one], vertices[below])
        vertices[one].middle = limit = min(vertices[one].middle, limit)
    limit = top
    for place, one in enumerate(cell):
        above = cell[place - 1] if place else None
        limit = limit + vertices[one].height / 2 if above is None else limit + distance(vertices[above], vertices[one])
        vertices[one].middle = limit = max(vertices[one].middle, limit)


# --- what is drawn behind and above ---


def _behind(lane: _Lane, width: float, numbers: Mapping[str, int]) -> Iterator[str]:
    yield rectangle(-8, lane.top, width + 16, lane.height - 4, 8, style="band")
    yield from text_lines([lane.title], _PADDING, lane.top + 18, FONT + 1, "bold")
    yield from _card("Questions", lane.questions, _PADDING, lane, numbers)
    yield from _card("Findings on their own", lane.alone, _PADDING + _CARD_WIDTH + _CARD_GAP, lane, numbers)


def _card(title: str, nodes: Sequence[Node], left: float, lane: _Lane, numbers: Mapping[str, int]) -> Iterator[str]:
    if not nodes:
        return
    top = lane.inner_top
    yield rectangle(left, top, _CARD_WIDTH, _card_height(nodes), 4, style="card")
    yield from text_lines([title], left + 8, top + 14, SMALL, "small")
    for place, node in enumerate(nodes, start=1):
        baseline = top + 16 + place * SMALL * LINE_HEIGHT
        room = _CARD_WIDTH - 16 - 13 * len(node.ends)
        told = f"{node.id}: {node.text}; {KINDS[node.kind]}"
        yield f"<g><title>{xml(told)}</title>"
        yield from text_lines(broken(node.text, room, SMALL, most=1), left + 8, baseline, SMALL)
        yield from marks([numbers[end] for end in node.ends], left + _CARD_WIDTH - 8, baseline - 3.5)
        yield "</g>"


def _marks(box: Box, graph: Graph, numbers: Mapping[str, int]) -> list[str]:
    node = next(node for node in graph.nodes if node.key == box.key)
    return list(marks([numbers[end] for end in node.ends], box.right - 6, box.top + box.height))
