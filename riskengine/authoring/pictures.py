"""Which graph somebody asks for, and in which form."""

from __future__ import annotations

from typing import Literal, TypeAlias

from riskengine.authoring.dot import dot
from riskengine.authoring.graph import Graph, about_area, about_question, about_rule, overview, whole
from riskengine.authoring.lanes import overview_svg
from riskengine.authoring.mermaid import mermaid
from riskengine.authoring.svg import svg
from riskengine.errors import Problem, ProblemError
from riskengine.pack.model import Pack

__all__ = ["Form", "graph_about", "picture"]

Form: TypeAlias = Literal["mermaid", "dot", "svg"]


def graph_about(
    pack: Pack,
    *,
    rule: str | None = None,
    question: str | None = None,
    area: str | None = None,
    is_full: bool = False,
) -> Graph:
    """Give the graph of one rule, question or area, or of the whole pack.

    Args:
        pack: The pack.
        rule: Show all that this rule depends on, and all that it feeds.
        question: Show all that this question feeds.
        area: Show the rules of this area, what they read, and what they feed.
        is_full: Of a whole pack, show every question and rule, and not only what builds on one another.

    Raises:
        ProblemError: RE-804 if more than one of these is asked for; RE-805 if there is no such rule,
            question or area.
    """
    chosen = {"--rule": rule is not None, "--question": question is not None, "--area": area is not None}
    names = [name for name, is_chosen in {**chosen, "--full": is_full}.items() if is_chosen]
    if len(names) > 1:
        message = f"{' and '.join(f'`{name}`' for name in names)} don't go together"
        raise ProblemError(Problem("RE-804", message, "choose one of them"))
    if rule is not None:
        return about_rule(rule, pack)
    if question is not None:
        return about_question(question, pack)
    if area is not None:
        return about_area(area, pack)
    return whole(pack) if is_full else overview(pack)


def picture(graph: Graph, form: Form) -> str:
    """Write a graph in one of the three forms.

    Args:
        graph: The graph.
        form: `mermaid`, `dot` or `svg`.

    Returns:
        A whole file, the same bytes for the same graph.
    """
    match form:
        case "mermaid":
            return mermaid(graph)
        case "dot":
            return dot(graph)
        case "svg":
            return overview_svg(graph) if graph.is_overview else svg(graph)
