"""`riskengine rules graph`: what is in a graph, and that each form of it is well made whatever the texts."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli.run import nothing_but, run
from hypothesis import given, settings
from hypothesis import strategies as st
from random_packs import Shape, random_pack, rule, write_pack, yes_no

from riskengine.authoring.graph import (
    KINDS,
    Edge,
    Graph,
    Node,
    about_area,
    about_question,
    about_rule,
    layers,
    overview,
    whole,
)
from riskengine.authoring.lettering import broken, text_width
from riskengine.authoring.pictures import picture
from riskengine.pack.model import Pack

SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph: Graph) -> set[str]:
    """Give the edges, by the ids of their ends."""
    ids = {node.key: node.id for node in graph.nodes}
    return {
        f"{ids[edge.start]} {'?' if edge.is_gate else '!' if edge.is_negated else '>'} {ids[edge.end]}"
        for edge in graph.edges
    }


def ids(graph: Graph, *kinds: str) -> set[str]:
    return {node.id for node in graph.nodes if not kinds or node.kind in kinds}


# --- what is in a graph ---


def test_the_whole_chain_of_a_pack(bakery: Pack) -> None:
    graph = whole(bakery)
    assert ids(graph, "question") == set(bakery.question)
    assert ids(graph, "quantity") == {"months", "months_with_reserve"}
    assert ids(graph, "risk", "protection", "check") == set(bakery.rule)
    assert ids(graph, "end") == {"cancelled", "unused"}
    assert drawn(graph) >= {
        "owner > nobody-answers",
        "nobody-answers > no-way-back",
        "users_met ! no-way-back",
        "work > months",
        "months > long-haul",
        "uses_labels ? label_check",
        "no-way-back > unused",
        "nobody-answers ! well-looked-after",
    }
    kinds = {node.id: node.kind for node in graph.nodes}
    assert (kinds["well-looked-after"], kinds["owner-never-seen"]) == ("protection", "check")


def test_a_conclusion_of_several_rules_stands_between_them(tmp_path: Path) -> None:
    rules = [
        rule("first", {"a": "yes"}, concludes="shaky"),
        rule("second", {"b": "yes"}, concludes="shaky"),
        rule("then", {"all": ["shaky"]}),
    ]
    pack = write_pack(tmp_path, [yes_no("a"), yes_no("b")], rules)
    assert drawn(whole(pack)) >= {"first > shaky", "second > shaky", "shaky > then"}
    # it costs no step: both rules are one step from the one that reads it
    assert ids(about_rule("then", pack, steps=1)) == {"first", "second", "shaky", "then"}


def test_a_rule_has_all_before_it_and_all_after_it(bakery: Pack) -> None:
    graph = about_rule("nobody-answers", bakery)
    assert ids(graph) == {
        "owner",
        "nobody-answers",
        "no-way-back",
        "thin-all-round",
        "ask-whether-to-go-on",
        "well-looked-after",
        "cancelled",
        "unused",
    }
    assert "users_met ! no-way-back" not in drawn(graph)
    assert [node.id for node in graph.nodes if node.is_subject] == ["nobody-answers"]
    gated = about_rule("labels-unchecked", bakery)
    assert drawn(gated) >= {"uses_labels ? label_check", "label_check > labels-unchecked"}


def test_a_question_has_all_that_it_feeds_and_what_it_decides_on(bakery: Pack) -> None:
    assert ids(about_question("owner", bakery), "question") == {"owner"}
    assert "no-way-back" in ids(about_question("owner", bakery))
    assert drawn(about_question("uses_labels", bakery)) == {"uses_labels ? label_check"}
    assert {"months", "months_with_reserve", "long-haul"} <= ids(about_question("work", bakery))


def test_an_area_has_its_rules_and_one_step_around_them(bakery: Pack) -> None:
    graph = about_area("team", bakery)
    own = {rule.id for rule in bakery.rules if rule.area == "team"}
    assert own <= ids(graph)
    assert {"people", "work", "months", "cancelled"} <= ids(graph)
    edges = graph.edges
    assert all(
        any(key.split(":")[1] in own or key.startswith("quantity") for key in (edge.start, edge.end)) for edge in edges
    )


def test_an_overview_has_what_builds_on_one_another_and_lists_the_rest(bakery: Pack) -> None:
    graph = overview(bakery)
    assert graph.is_overview
    assert ids(graph, "question", "quantity") == set()
    assert {"nobody-answers", "no-way-back"} <= ids(graph) and "long-haul" not in ids(graph)
    assert {node.key for node in graph.nodes} | {node.key for node in graph.left_out} == {
        node.key for node in whole(bakery).nodes
    }


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_layers_go_one_way_and_ends_are_last(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    graph = whole(random_pack(seed, tmp_path_factory.mktemp("random"), Shape(questions=6, conclusions=4, rules=5)))
    layer = layers(graph)
    assert all(layer[edge.start] < layer[edge.end] for edge in graph.edges)
    ends = {node.key for node in graph.nodes if node.kind == "end"}
    assert len({layer[key] for key in ends}) == 1
    assert all(layer[key] < layer[next(iter(ends))] for key in layer if key not in ends)
    check_all(graph)


def test_what_reads_nothing_stands_close_to_its_first_reader(tmp_path: Path) -> None:
    rules = [
        rule("first", {"a": "yes"}, concludes="one"),
        rule("second", {"all": ["one"]}, concludes="two", leads_to=["overrun"]),
        rule("third", {"all": ["two"], "b": "yes"}, leads_to=["overrun"]),
        rule("alone", {"a": "no"}, leads_to=["overrun"]),
    ]
    layer = layers(whole(write_pack(tmp_path, [yes_no("a"), yes_no("b")], rules)))
    assert layer["question:b"] == layer["rule:third"] - 1 == layer["rule:second"]
    # an end draws nothing to itself, for nearly everything leads to one
    assert layer["rule:alone"] == layer["rule:first"] == 1


# --- the forms ---

_TEXT = r'"(?:[^"\\`<>{}\[\]|&;#]|#\d+;|<br/>|<small>|</small>)*"'
_NAME = r"[A-Za-z0-9_]+"
MERMAID = [
    r"flowchart LR",
    r"accTitle: [^\"<>{}\[\]|&;#`\\]+",
    r"%% \d+ questions, quantities and findings that build on no other are left out",
    rf"subgraph area_\w+\[{_TEXT}\]",
    r"end",
    rf"{_NAME}(?:\({_TEXT}\)|\[/{_TEXT}/\]|\[{_TEXT}\]|\[\[{_TEXT}\]\]|>{_TEXT}\]|\{{\{{{_TEXT}\}}\}}|\(\[{_TEXT}\]\))",
    rf'{_NAME} (?:-->|--x|-- "not" -->|-\. asked if \.->) {_NAME}',
    r"classDef \w+ [\w:#,-]+",
    rf"class {_NAME}(?:,{_NAME})* \w+",
]
DOT = [
    r'digraph "(?:[^"\\]|\\.)*" \{',
    r"rankdir=LR",
    r'graph \[label="(?:[^"\\]|\\.)*", [^"]*fontname="Helvetica", [\w=., ]+\]',
    r'(?:node|edge) \[[\w=",# .]+\]',
    r"// \d+ questions, quantities and findings that build on no other are left out",
    r'subgraph "cluster_(?:[^"\\]|\\.)*" \{',
    r'label="(?:[^"\\]|\\.)*" color="#d0d7de"',
    r"\}",
    r'"(?:[^"\\]|\\.)*" \[label="(?:[^"\\]|\\.)*", tooltip="(?:[^"\\]|\\.)*", shape=\w+(?:, \w+=(?:\w+|"[\w#,]+"))*\]',
    r'"(?:[^"\\]|\\.)*" -> "(?:[^"\\]|\\.)*"(?: \[[\w=",# ]+\])?',
]


def check_mermaid(text: str) -> None:
    """Hold every line against the grammar of what is used of Mermaid, and every name against what is declared."""
    lines = [line.strip() for line in text.splitlines()]
    for line in lines:
        assert any(re.fullmatch(form, line) for form in MERMAID), line
    declared = {found.group(1) for line in lines if (found := re.match(rf"({_NAME})[\[(>{{]", line))}
    used = {
        name
        for line in lines
        if (found := re.fullmatch(rf"({_NAME}) -.*[>x] ({_NAME})", line))
        for name in found.groups()
    }
    assert used <= declared
    assert not {"end", "graph", "default", "click", "style", "class"} & declared
    assert lines.count("end") == sum(line.startswith("subgraph") for line in lines)


def check_dot(text: str) -> None:
    for line in text.splitlines():
        assert any(re.fullmatch(form, line.strip()) for form in DOT), line
    assert text.count("{\n") == text.count("}\n")


def check_svg(text: str, graph: Graph) -> None:
    """See that it is one well-formed picture that loads nothing, with every node in it."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    width, height = (float(root.get(name, "")) for name in ("width", "height"))
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "g", "polygon"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or "href" in name}
    urls = {url for element in root.iter() for url in re.findall(r"url\((.*?)\)", " ".join(element.attrib.values()))}
    marked = {f"#{element.get('id')}" for element in root.iter(f"{SVG}marker")}
    assert urls <= marked
    style = root.findtext(f"{SVG}style") or ""
    assert "prefers-color-scheme:dark" in style and "@import" not in style and "url(" not in style
    boxes = [group for group in root.iter(f"{SVG}g") if (group.get("class") or "").split(" ")[0] in KINDS]
    titles = [group.find(f"{SVG}title") for group in boxes]
    assert sum(title is not None for title in titles) == len(graph.nodes)
    for number in re.findall(r'\b[xy]="(-?[\d.]+)"', text):
        assert -50 <= float(number) <= max(width, height)


def check_all(graph: Graph) -> None:
    check_mermaid(picture(graph, "mermaid"))
    check_dot(picture(graph, "dot"))
    check_svg(picture(graph, "svg"), graph)


@pytest.mark.parametrize("form", ["mermaid", "dot", "svg"])
def test_the_shipped_pack_is_drawn_the_same_each_time(form: str) -> None:
    first, second = run("rules", "graph", "--format", form), run("rules", "graph", "--format", form)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout


def test_every_graph_of_the_bakery_is_well_made(bakery: Pack) -> None:
    check_all(whole(bakery))
    check_all(overview(bakery))
    for name in bakery.rule:
        check_all(about_rule(name, bakery))
    for name in bakery.question:
        check_all(about_question(name, bakery))
    for name, _ in bakery.areas:
        check_all(about_area(name, bakery))


BITS = [
    '"',
    "`",
    "```",
    "<script>alert(1)</script>",
    "#",
    "#quot;",
    ";",
    "&amp;",
    "\\",
    "\\n",
    "end",
    "subgraph",
    "%%{init:{}}%%",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "|",
    "-->",
    "~~~",
    ":::",
    "$$x$$",
    "é",
    "漢字",
    "click",
    "]]>",
    "<!--",
    "*/",
    "_",
    "**b**",
    "'",
    "@{",
    "\x1b",
    "\x00",
    "\ufffe",
    "\ud800",
]
HOSTILE = st.lists(st.sampled_from([*BITS, " ", "\n", "a" * 90]), max_size=8).map("".join)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = draw(st.lists(HOSTILE, min_size=1, max_size=7, unique=True))
    nodes = []
    for name in names:
        kind = draw(st.sampled_from(list(KINDS)))
        area, note = draw(st.sampled_from(["a", "b", ""])), draw(HOSTILE)
        nodes.append(Node(f"{kind}:{name}", kind, name, draw(HOSTILE), area, note, is_subject=draw(st.booleans())))
    pairs = [(a, b) for a in range(len(nodes)) for b in range(a + 1, len(nodes)) if nodes[a].kind != "end"]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12)) if pairs else []
    edges = tuple(Edge(nodes[a].key, nodes[b].key, draw(st.booleans()), draw(st.booleans())) for a, b in chosen)
    return Graph(draw(HOSTILE), tuple(nodes), edges, (("a", draw(HOSTILE)), ("b", draw(HOSTILE))))


@given(graphs())
@settings(max_examples=80, deadline=None)
def test_no_text_breaks_out_of_its_place(graph: Graph) -> None:
    check_all(graph)


# --- how a picture looks ---


def test_boxes_do_not_overlap_and_texts_fit_into_them(bakery: Pack) -> None:
    root = ElementTree.fromstring(picture(whole(bakery), "svg"))
    boxes = []
    for group in root.iter(f"{SVG}g"):
        kind = (group.get("class") or "").split(" ")[0]
        outline = group.find(f"{SVG}rect")
        texts = group.findall(f"{SVG}text")
        if kind in ("question", "risk", "protection") and outline is not None and texts:
            left, top, width, height = (float(outline.get(name, "")) for name in ("x", "y", "width", "height"))
            boxes.append((left, top, left + width, top + height))
            for text in texts:
                size, is_bold = float(text.get("font-size", "")), text.get("class") == "bold"
                assert text_width(text.text or "", size, is_bold=is_bold) <= width - 10
                assert top + size <= float(text.get("y", "")) <= top + height - 4
    assert len(boxes) > 15
    for number, (left, top, right, bottom) in enumerate(boxes):
        for other_left, other_top, other_right, other_bottom in boxes[number + 1 :]:
            assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top


def test_kinds_differ_in_shape_and_lines_in_more_than_colour(bakery: Pack) -> None:
    text = picture(whole(bakery), "svg")
    shapes = set()
    for kind in ("question", "quantity", "risk", "protection", "check", "end"):
        found = re.search(rf'<g class="{kind}">(?:<title>.*?</title>)?(.*?)(?:<text|</g>)', text)
        assert found, kind
        shapes.add(re.sub(r"[-\d.]+", "0", found.group(1)))
    # a question's box has round corners, a risk's has none; both are rectangles
    assert len(shapes) == 6
    assert ".negated{stroke-dasharray" in text and ".gate{stroke-dasharray" in text
    assert 'class="edge negated"' in text and 'class="edge gate"' in text and "url(#re-eases)" in text


@given(st.text(max_size=120), st.floats(30, 300), st.integers(1, 4), st.booleans())
def test_lines_are_never_too_wide_nor_too_many(text: str, width: float, most: int, is_bold: bool) -> None:
    lines = broken(text, width, 12, most=most, is_bold=is_bold)
    assert 1 <= len(lines) <= most
    assert all(text_width(line, 12, is_bold=is_bold) <= width for line in lines)
    whole = " ".join(lines).replace(" ", "")
    wanted = "".join(text.split())
    assert whole == wanted or (whole.endswith("…") and wanted.startswith(whole[:-1]))


# --- the command ---


def test_a_graph_goes_to_standard_output_or_into_a_file(folder: Path, tmp_path: Path) -> None:
    done = run("rules", "graph", folder / "bakery", "--rule", "no-way-back")
    assert done.returncode == 0 and done.stderr == ""
    check_mermaid(done.stdout)
    target = tmp_path / "out.svg"
    written = run("rules", "graph", folder / "bakery", "--area", "team", "--format", "svg", "-o", target)
    assert written.returncode == 0 and written.stdout == ""
    assert re.fullmatch(rf"{re.escape(str(target))}: \d+ nodes, \d+ edges\n", written.stderr)
    assert ElementTree.fromstring(target.read_text("utf-8")).tag == f"{SVG}svg"


def test_a_pack_can_be_drawn_in_full(folder: Path) -> None:
    short = run("rules", "graph", folder / "bakery").stdout
    full = run("rules", "graph", folder / "bakery", "--full").stdout
    assert "left out" in short and "left out" not in full
    assert "question_owner" in full and "question_owner" not in short


@pytest.mark.parametrize(
    ("arguments", "code", "help"),
    [
        (("--rule", "no-way-bakc"), "RE-805 the pack has no rule `no-way-bakc`", "did you mean `no-way-back`?"),
        (("--question", "ownre"), "RE-805 the pack has no question `ownre`", "did you mean `owner`?"),
        (("--area", "taem"), "RE-805 the pack has no area `taem`", "did you mean `team`?"),
        (("--rule", "a", "--area", "b"), "RE-804 `--rule` and `--area` don't go together", "choose one of them"),
        (("--rule", "a", "--full"), "RE-804 `--rule` and `--full` don't go together", "choose one of them"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...], code: str, help: str
) -> None:
    done = run("rules", "graph", folder / "bakery", *arguments, "-o", tmp_path / "x.mmd")
    assert done.returncode == 2
    assert done.stderr == f"{code}\n  help: {help}\n"
    assert nothing_but(tmp_path)
