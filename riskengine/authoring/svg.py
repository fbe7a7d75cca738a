"""A graph as one SVG file: no scripts, nothing loaded, readable on dark and on light ground."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from riskengine.authoring.graph import KINDS, Edge, Graph, Kind, Node
from riskengine.authoring.layout import Box, Layout, Route, layered
from riskengine.authoring.lettering import LINE_HEIGHT, broken, text_width

__all__ = [
    "BOX_WIDTH",
    "END_WIDTH",
    "FONT",
    "SMALL",
    "Lettering",
    "drawing",
    "lettering_of",
    "marks",
    "node_shape",
    "rectangle",
    "svg",
    "text_lines",
    "xml",
]

FONT = 12.0
SMALL = 10.0
HEADING = 17.0
BOX_WIDTH = 216.0
MARGIN = 24.0
_PADDING = 9.0
_SLANT = 12.0
_FOLD = 11.0
_CUT = 5.0
_MOST_LINES = 3
END_WIDTH = 150.0

_STYLE = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1b1f24}
.paper{fill:#fff}.small{fill:#57606a}.bold{font-weight:600}
.shape{stroke-width:1.2}.subject .shape{stroke-width:3}
.question .shape{fill:#e8f1fb;stroke:#3b73b3}.quantity .shape{fill:#e4f4f3;stroke:#2b7f7b}
.risk .shape{fill:#fdecea;stroke:#b4483a}.protection .shape{fill:#e9f6e6;stroke:#3f8a34}
.check .shape{fill:#fff6dc;stroke:#96700f}.conclusion .shape{fill:#f2ecfa;stroke:#7a55ad}
.end .shape{fill:#33383f;stroke:#33383f}.end text{fill:#fff}
.edge{fill:none;stroke:#6e7781;stroke-width:1.2}.to-end{stroke:#a3abb3}.eases{stroke:#3f8a34}
.negated{stroke-dasharray:6 4}.gate{stroke-dasharray:1.5 4;stroke-linecap:round;stroke-width:1.6}
.head{fill:#6e7781}.to-end-head{fill:#a3abb3}.eases-head{fill:none;stroke:#3f8a34;stroke-width:2.4}
.band{fill:#f6f8fa}.band.odd{fill:#eef1f4}.card{fill:none;stroke:#d0d7de}.mark{fill:#33383f}.mark-text{fill:#fff}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.paper{fill:#0d1117}.small{fill:#9aa4ae}
.question .shape{fill:#13263d;stroke:#6ba4e8}.quantity .shape{fill:#0f2e2d;stroke:#52b5af}
.risk .shape{fill:#3b1a16;stroke:#e5806f}.protection .shape{fill:#16301a;stroke:#6fbf63}
.check .shape{fill:#33290d;stroke:#d3a83a}.conclusion .shape{fill:#271c3a;stroke:#b493e6}
.end .shape{fill:#d8dee4;stroke:#d8dee4}.end text{fill:#0d1117}
.edge{stroke:#8b949e}.to-end{stroke:#59626c}.eases{stroke:#6fbf63}
.head{fill:#8b949e}.to-end-head{fill:#59626c}.eases-head{stroke:#6fbf63}
.band{fill:#131920}.band.odd{fill:#1a212a}.card{stroke:#30363d}.mark{fill:#d8dee4}.mark-text{fill:#0d1117}
}"""

_MARKERS = (
    '<marker id="re-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="head" d="M0,0.5 8,4 0,7.5z"/></marker>'
    '<marker id="re-to-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="to-end-head" d="M0,0.5 8,4 0,7.5z"/></marker>'
    '<marker id="re-eases" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="9" markerHeight="9" orient="auto">'
    '<path class="eases-head" d="M5,0V8"/></marker>'
)


@dataclass(frozen=True, slots=True)
class Lettering:
    """The lines of a box: a small one above, the text, a small one below; and the size that they need."""

    above: str
    lines: tuple[str, ...]
    below: str
    width: float
    height: float


def svg(graph: Graph) -> str:
    """Draw a graph from left to right, its nodes in layers.

    Args:
        graph: The graph.

    Returns:
        A whole SVG file, the same bytes for the same graph.
    """
    titles = dict(graph.areas) if len(graph.areas) > 1 else {}
    letterings = {node.key: lettering_of(node, titles) for node in graph.nodes}
    arriving = _arriving(graph)
    sizes = {key: (one.width, max(one.height, arriving.get(key, 0.0))) for key, one in letterings.items()}
    layout = layered(graph, sizes)
    return drawing(graph, layout, letterings)


def _arriving(graph: Graph) -> dict[str, float]:
    """Give the height that an end needs so that the lines which meet there can be told apart."""
    counts = {node.key: 0 for node in graph.nodes if node.kind == "end"}
    for edge in graph.edges:
        if edge.end in counts:
            counts[edge.end] += 1
    return {key: min(6.0 * count + 20, 480.0) for key, count in counts.items()}


def lettering_of(node: Node, areas: Mapping[str, str]) -> Lettering:
    """Break a node's texts into lines, and say how large its box has to be."""
    is_end = node.kind == "end"
    width = END_WIDTH if is_end else BOX_WIDTH
    inner = width - 2 * (_PADDING + (_SLANT if node.kind in ("quantity", "conclusion", "end") else 0))
    lines = broken(node.text, inner, FONT, most=_MOST_LINES, is_bold=is_end or node.is_subject)
    above = _one_line(areas.get(node.area, ""), inner)
    below = _one_line(node.note, inner)
    small = SMALL * LINE_HEIGHT * ((above != "") + (below != ""))
    return Lettering(above, lines, below, width, 2 * _PADDING + FONT * LINE_HEIGHT * len(lines) + small)


def _one_line(text: str, width: float) -> str:
    return broken(text, width, SMALL, most=1)[0]


def drawing(
    graph: Graph,
    layout: Layout,
    letterings: Mapping[str, Lettering],
    *,
    behind: Iterable[str] = (),
    above: Iterable[str] = (),
    explanation: str = "",
) -> str:
    """Put a laid-out graph into an SVG file, with a heading and a legend.

    Args:
        graph: The graph.
        layout: Where its boxes and lines are.
        letterings: What stands in the boxes.
        behind: Elements that lie below boxes and lines, in the same coordinates.
        above: Elements that lie above them.
        explanation: A sentence below the heading.
    """
    nodes = {node.key: node for node in graph.nodes}
    legend, legend_width = _legend(graph)
    heading = broken(graph.title, max(layout.width, 420.0), HEADING, most=2, is_bold=True)
    top = MARGIN + len(heading) * HEADING * LINE_HEIGHT + (SMALL + 8 if explanation else 0) + 12
    width = max(layout.width, legend_width, 420.0, text_width(explanation, SMALL)) + 2 * MARGIN
    height = top + layout.height + 58 + MARGIN / 2
    below = text_lines([explanation] if explanation else [], MARGIN, top - SMALL - 4, SMALL, "small")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" role="img">',
        f"<title>{xml(graph.title)}</title>",
        f"<desc>{xml(_description(graph))}</desc>",
        f"<style>{_STYLE}</style>",
        f"<defs>{_MARKERS}</defs>",
        f'<rect class="paper" width="{_n(width)}" height="{_n(height)}"/>',
        *text_lines(heading, MARGIN, MARGIN + HEADING, HEADING, "bold"),
        *below,
        f'<g transform="translate({_n(MARGIN)} {_n(top)})">',
        *behind,
        *(_path(route, nodes) for route in layout.routes),
        *(_node(nodes[box.key], box, letterings[box.key], dict(graph.areas)) for box in layout.boxes),
        *above,
        "</g>",
        f'<g transform="translate({_n(MARGIN)} {_n(top + layout.height + 34)})">',
        *legend,
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _description(graph: Graph) -> str:
    counts: dict[str, int] = {}
    for node in graph.nodes:
        counts[KINDS[node.kind]] = counts.get(KINDS[node.kind], 0) + 1
    listed = ", ".join(f"{name}: {count}" for name, count in counts.items())
    return f"From left to right, what is read and what reads it. {listed}; lines: {len(graph.edges)}."


# --- parts ---


def xml(text: str) -> str:
    """Make a text fit to stand in XML: signs that it does not allow become one that only shows."""
    return escape("".join(one if _is_xml(ord(one)) else "\ufffd" for one in text))


def _is_xml(code: int) -> bool:
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def text_lines(
    lines: Sequence[str], left: float, baseline: float, size: float, style: str = "", *, anchor: str = ""
) -> Iterator[str]:
    """Give lines of text, one element each.

    Args:
        lines: The lines.
        left: Where they begin; where their middle is, if `anchor` is `middle`.
        baseline: The height of the first.
        size: The font size.
        style: Classes.
        anchor: `middle` or nothing.
    """
    more = f' class="{style}"' if style else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    for number, line in enumerate(lines):
        y = baseline + number * size * LINE_HEIGHT
        yield f'<text x="{_n(left)}" y="{_n(y)}" font-size="{_n(size)}"{more}>{xml(line)}</text>'


def _path(route: Route, nodes: Mapping[str, Node]) -> str:
    (x, y), *others = route.points
    steps = [f"M{_n(x)},{_n(y)}"]
    for number, (right, lower) in enumerate(others):
        if number % 2 == 0:
            bend = (x + right) / 2
            steps.append(f"C{_n(bend)},{_n(y)} {_n(bend)},{_n(lower)} {_n(right)},{_n(lower)}")
        else:
            steps.append(f"H{_n(right)}")
        x, y = right, lower
    classes, marker = _edge_style(route.edge, nodes)
    return f'<path class="{classes}" d="{"".join(steps)}" marker-end="url(#{marker})"/>'


def _edge_style(edge: Edge, nodes: Mapping[str, Node]) -> tuple[str, str]:
    classes = ["edge"]
    if edge.is_gate:
        classes.append("gate")
    if edge.is_negated:
        classes.append("negated")
    if nodes[edge.end].kind == "end":
        eases = nodes[edge.start].kind == "protection"
        classes.append("eases" if eases else "to-end")
        return " ".join(classes), "re-eases" if eases else "re-to-end"
    return " ".join(classes), "re-head"


def _node(node: Node, box: Box, lettering: Lettering, areas: Mapping[str, str]) -> str:
    classes = f"{node.kind} subject" if node.is_subject else node.kind
    told = [f"{node.id}: {node.text}", KINDS[node.kind], areas.get(node.area, ""), node.note]
    middle = box.left + box.width / 2
    block = lettering.height - 2 * _PADDING
    y = box.middle - block / 2
    parts = [f'<g class="{classes}">', f"<title>{xml('; '.join(filter(None, told)))}</title>"]
    parts.append(node_shape(node.kind, box.left, box.top, box.width, box.height))
    if lettering.above:
        parts += text_lines([lettering.above], middle, y + SMALL, SMALL, "small", anchor="middle")
        y += SMALL * LINE_HEIGHT
    style = "bold" if node.kind == "end" or node.is_subject else ""
    parts += text_lines(lettering.lines, middle, y + FONT, FONT, style, anchor="middle")
    y += FONT * LINE_HEIGHT * len(lettering.lines)
    if lettering.below:
        parts += text_lines([lettering.below], middle, y + SMALL, SMALL, "small", anchor="middle")
    return "".join([*parts, "</g>"])


def node_shape(kind: Kind, left: float, top: float, width: float, height: float) -> str:
    """Give the outline of a node: each kind has one of its own."""
    right, bottom, middle = left + width, top + height, top + height / 2
    match kind:
        case "question":
            return rectangle(left, top, width, height, min(13, height / 3))
        case "risk":
            return rectangle(left, top, width, height, 0)
        case "protection":
            inner = rectangle(left + 3.5, top + 3.5, width - 7, height - 7, 0)
            return rectangle(left, top, width, height, 0) + inner
        case "end":
            upper = f"{_p(left, top + _CUT)} {_p(left + _CUT, top)} {_p(right - _CUT, top)} {_p(right, top + _CUT)}"
            lower = f"{_p(right, bottom - _CUT)} {_p(right - _CUT, bottom)} {_p(left + _CUT, bottom)}"
            return _polygon(f"{upper} {lower} {_p(left, bottom - _CUT)}")
        case "check":
            corner = f"{_p(right - _FOLD, top)} {_p(right, top + _FOLD)}"
            fold = f'<path class="shape" d="M{_p(right - _FOLD, top)}V{_n(top + _FOLD)}H{_n(right)}"/>'
            return _polygon(f"{_p(left, top)} {corner} {_p(right, bottom)} {_p(left, bottom)}") + fold
        case "quantity":
            upper = f"{_p(left + _SLANT, top)} {_p(right, top)}"
            return _polygon(f"{upper} {_p(right - _SLANT, bottom)} {_p(left, bottom)}")
        case "conclusion":
            upper = f"{_p(left, middle)} {_p(left + _SLANT, top)} {_p(right - _SLANT, top)}"
            return _polygon(f"{upper} {_p(right, middle)} {_p(right - _SLANT, bottom)} {_p(left + _SLANT, bottom)}")


def _p(x: float, y: float) -> str:
    return f"{_n(x)},{_n(y)}"


def rectangle(left: float, top: float, width: float, height: float, radius: float, *, style: str = "shape") -> str:
    """Give a rectangle, with round corners where there is a radius."""
    corners = f' rx="{_n(radius)}"' if radius else ""
    place = f'x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(height)}"'
    return f'<rect class="{style}" {place}{corners}/>'


def marks(numbers: Sequence[int], right: float, middle: float) -> Iterator[str]:
    """Give the numbers of ends, each in a small octagon, the last one ending at the right."""
    for place, number in enumerate(reversed(numbers)):
        left, top = right - 12 - 13 * place, middle - 6
        corners = [(0, 3.5), (3.5, 0), (8.5, 0), (12, 3.5), (12, 8.5), (8.5, 12), (3.5, 12), (0, 8.5)]
        points = " ".join(_p(left + x, top + y) for x, y in corners)
        yield f'<polygon class="mark" points="{points}"/>'
        yield from text_lines([str(number)], left + 6, middle + 3, 8.5, "mark-text", anchor="middle")


def _polygon(points: str) -> str:
    return f'<polygon class="shape" points="{points}"/>'


def _legend(graph: Graph) -> tuple[list[str], float]:
    """Give the signs that occur, each with its meaning, in a row, and how wide it is."""
    parts: list[str] = []
    x = 0.0
    present = {node.kind for node in graph.nodes}
    for kind, name in KINDS.items():
        if kind in present:
            parts.append(f'<g class="{kind}">{node_shape(kind, x, -11, 30, 15)}</g>')
            parts += text_lines([name], x + 36, 0, SMALL, "small")
            x += 36 + text_width(name, SMALL) + 18
    nodes = {node.key: node for node in graph.nodes}
    for (classes, marker), name in _line_kinds(graph, nodes).items():
        parts.append(f'<path class="{classes}" d="M{_n(x)},-3.5h34" marker-end="url(#{marker})"/>')
        parts += text_lines([name], x + 42, 0, SMALL, "small")
        x += 42 + text_width(name, SMALL) + 18
    return parts, x


def _line_kinds(graph: Graph, nodes: Mapping[str, Node]) -> dict[tuple[str, str], str]:
    names = {
        "edge": "is read by",
        "edge negated": "is read under `not`",
        "edge gate": "decides whether it is asked",
        "edge to-end": "leads to",
        "edge eases": "makes less likely",
    }
    found = {_edge_style(edge, nodes) for edge in graph.edges}
    return {style: names[style[0]] for style in sorted(found) if style[0] in names}
