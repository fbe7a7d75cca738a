"""Where the boxes and lines of a graph go: layers by igraph, places within them by least squares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from riskengine.authoring.graph import Edge, Graph, layers

__all__ = [
    "Box",
    "Layout",
    "Route",
    "Size",
    "Vertex",
    "chains_of",
    "distance",
    "layered",
    "routes_of",
    "settle",
    "wished",
]

Size = tuple[float, float]

COLUMN_GAP = 84.0
ROW_GAP = 14.0
PORT_GAP = 7.0
BEND_GAP = 6.0
_SWEEPS = 24
# long lines shall run straight before boxes stand opposite each other
_BOTH_BEND, _ONE_BENDS, _NONE_BENDS = 8.0, 2.0, 1.0


@dataclass(slots=True)
class Box:
    """A rectangle: a node's, by its key."""

    key: str
    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The height of its centre."""
        return self.top + self.height / 2

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width


@dataclass(frozen=True, slots=True)
class Route:
    """An edge, and the points that it runs through, two by two: level within a pair, curved between pairs."""

    edge: Edge
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes and lines, and the size of what holds them."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]


@dataclass(slots=True)
class Vertex:
    """A node, or a bend of an edge that passes its layer by."""

    layer: int
    height: float
    is_bend: bool
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    middle: float = 0.0


def layered(graph: Graph, sizes: Mapping[str, Size]) -> Layout:
    """Lay a graph out from left to right.

    Args:
        graph: The graph.
        sizes: Width and height of each node's box, by its key.

    Returns:
        The places, from (0, 0); the same for the same graph.
    """
    place = layers(graph)
    vertices = [Vertex(place[node.key], sizes[node.key][1], is_bend=False) for node in graph.nodes]
    chains = chains_of(graph, place, vertices)
    columns = _columns(vertices)
    _settle_all(columns, vertices)
    top = min((one.middle - one.height / 2 for one in vertices), default=0.0)
    for vertex in vertices:
        vertex.middle -= top
    sides = _sides(graph, place, sizes, len(columns))
    boxes = {
        node.key: _box(node.key, sizes[node.key], sides[vertex.layer], vertex.middle)
        for node, vertex in zip(graph.nodes, vertices, strict=False)
    }
    routes = routes_of(graph, chains, vertices, boxes, sides)
    height = max((one.middle + one.height / 2 for one in vertices), default=0.0)
    return Layout(sides[-1][1] if sides else 0.0, height, tuple(boxes.values()), routes)


def _box(key: str, size: Size, sides: tuple[float, float], middle: float) -> Box:
    width, height = size
    return Box(key, (sum(sides) - width) / 2, middle - height / 2, width, height)


def chains_of(graph: Graph, place: Mapping[str, int], vertices: list[Vertex]) -> list[list[int]]:
    """Give each edge as the vertices that it runs through, and tie these to each other.

    Args:
        graph: The graph.
        place: The layer of each node, by its key.
        vertices: Those of the nodes; bends are added for the layers that an edge passes by.
    """
    number = {node.key: index for index, node in enumerate(graph.nodes)}
    chains = []
    for edge in graph.edges:
        chain = [number[edge.start]]
        for layer in range(place[edge.start] + 1, place[edge.end]):
            chain.append(len(vertices))
            vertices.append(Vertex(layer, BEND_GAP, is_bend=True))
        chain.append(number[edge.end])
        for start, end in pairwise(chain):
            vertices[start].after.append(end)
            vertices[end].before.append(start)
        chains.append(chain)
    return chains


def _columns(vertices: Sequence[Vertex]) -> list[list[int]]:
    """Put the vertices of each layer in the order in which the fewest edges cross."""
    import igraph

    pairs = [(start, end) for start, one in enumerate(vertices) for end in one.after]
    layer_of = [one.layer for one in vertices]
    places = igraph.Graph(n=len(vertices), edges=pairs, directed=True).layout_sugiyama(layers=layer_of)
    columns: list[list[int]] = [[] for _ in range(max(layer_of, default=-1) + 1)]
    for index in sorted(range(len(vertices)), key=lambda one: (places[one][0], one)):
        columns[layer_of[index]].append(index)
    return columns


def _settle_all(columns: Sequence[Sequence[int]], vertices: Sequence[Vertex]) -> None:
    """Move each vertex to where its neighbours are, as near as the order and the gaps allow."""
    for column in columns:
        settle(column, vertices, [0.0] * len(column))
    for sweep in range(_SWEEPS):
        order = columns if sweep % 2 == 0 else list(reversed(columns))
        for column in order:
            settle(column, vertices, [wished(vertices[one], vertices) for one in column])


def wished(vertex: Vertex, vertices: Sequence[Vertex]) -> float:
    """Give the middle that a vertex would have if its neighbours alone drew at it."""
    weighed = total = 0.0
    for other in (*vertex.before, *vertex.after):
        weight = _pull(vertex.is_bend, vertices[other].is_bend)
        weighed += weight * vertices[other].middle
        total += weight
    return weighed / total if total else vertex.middle


def _pull(one: bool, other: bool) -> float:
    if one and other:
        return _BOTH_BEND
    return _ONE_BENDS if one or other else _NONE_BENDS


def settle(column: Sequence[int], vertices: Sequence[Vertex], wishes: Sequence[float]) -> None:
    """Give a column the middles that are nearest to those wished for, in its order and with its gaps.

    With the distances that must lie between them taken off, the middles have only to ascend: the pool of adjacent
    violators finds those with the least squares.

    Args:
        column: The numbers of the vertices, from the top.
        vertices: All vertices; those of the column are moved.
        wishes: The middle that each of the column wishes for.
    """
    offsets = [0.0]
    for above, below in pairwise(column):
        offsets.append(offsets[-1] + distance(vertices[above], vertices[below]))
    pools: list[list[float]] = []
    for wish, offset in zip(wishes, offsets, strict=False):
        pools.append([wish - offset, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            above_mean, above_count = pools[-1]
            together = above_count + count
            pools[-1] = [(above_mean * above_count + mean * count) / together, together]
    settled = [mean for mean, count in pools for _ in range(round(count))]
    for one, middle, offset in zip(column, settled, offsets, strict=False):
        vertices[one].middle = middle + offset


def distance(above: Vertex, below: Vertex) -> float:
    """Give the least distance of the middles of two vertices, one below the other."""
    gap = BEND_GAP if above.is_bend and below.is_bend else ROW_GAP
    return (above.height + below.height) / 2 + gap


def _sides(graph: Graph, place: Mapping[str, int], sizes: Mapping[str, Size], count: int) -> list[tuple[float, float]]:
    widths = [0.0] * count
    for node in graph.nodes:
        widths[place[node.key]] = max(widths[place[node.key]], sizes[node.key][0])
    lefts = [sum(widths[:layer]) + layer * COLUMN_GAP for layer in range(count)]
    return [(left, left + width) for left, width in zip(lefts, widths, strict=True)]


def routes_of(
    graph: Graph,
    chains: Sequence[Sequence[int]],
    vertices: Sequence[Vertex],
    boxes: Mapping[str, Box],
    sides: Sequence[tuple[float, float]],
) -> tuple[Route, ...]:
    """Give the points that each edge runs through.

    Args:
        graph: The graph.
        chains: The vertices that each edge runs through.
        vertices: All vertices, in their places.
        boxes: The box of each node, by its key.
        sides: The left and the right side of each layer.
    """
    leaving = _ports([(chain[0], vertices[chain[1]].middle) for chain in chains], vertices)
    arriving = _ports([(chain[-1], vertices[chain[-2]].middle) for chain in chains], vertices)
    routes = []
    for index, (edge, chain) in enumerate(zip(graph.edges, chains, strict=True)):
        points = [(boxes[edge.start].right, leaving[index])]
        for one in chain[1:-1]:
            points += [(side, vertices[one].middle) for side in sides[vertices[one].layer]]
        routes.append(Route(edge, (*points, (boxes[edge.end].left, arriving[index]))))
    return tuple(routes)


def _ports(ends: Sequence[tuple[int, float]], vertices: Sequence[Vertex]) -> list[float]:
    """Spread the lines that meet at one side of a box over its height, in the order in which they come."""
    sharing: dict[int, list[int]] = {}
    for index, (vertex, _) in enumerate(ends):
        sharing.setdefault(vertex, []).append(index)
    found = [0.0] * len(ends)
    for vertex, indexes in sharing.items():
        box = vertices[vertex]
        gap = min(PORT_GAP, (box.height - 12) / max(len(indexes) - 1, 1))
        first = box.middle - gap * (len(indexes) - 1) / 2
        for place, index in enumerate(sorted(indexes, key=lambda one: (ends[one][1], one))):
            found[index] = first + gap * place
    return found
