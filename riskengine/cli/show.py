"""How an assessment looks on a terminal, and as Markdown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.assessment.result import Assessment, Finding
from riskengine.assessment.score import expit
from riskengine.cli.harmless import harmless

__all__ = ["console", "markdown", "print_assessment", "print_card", "print_department", "print_json", "print_reasons"]

FIRST_STEPS = 3
MOST_FINDINGS = 12
BAR = 24
MOST_MOVED = 5
MOST_FACTORS = 15


def console() -> Console:
    """Give the console for results; it respects `NO_COLOR`, pipes and narrow terminals."""
    return Console(highlight=False, emoji=False, markup=False, soft_wrap=False)


def print_json(value: object) -> None:
    """Print one JSON value, the same bytes on every run."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_assessment(result: Assessment, built: BuiltPack, *, everything: bool = False) -> None:
    """Print an assessment for a reader.

    Args:
        result: The assessment.
        built: The pack it was made with.
        everything: Whether to print all findings, those that are ruled out included.
    """
    out = console()
    for part in _parts(result, built, everything):
        out.print(part)


def _parts(result: Assessment, built: BuiltPack, everything: bool) -> Iterator[RenderableType]:
    yield from _head(result, built)
    yield Text()
    yield _ends(result, built)
    yield Text()
    yield _areas(result, built)
    yield from _finding_parts(result, everything)
    yield from _first_steps(result)
    yield from _next(result)
    yield from _warnings(result)
    yield Text()
    yield Text(_founded(result), style="dim")


def _head(result: Assessment, built: BuiltPack) -> Iterator[RenderableType]:
    title = next(level.title for level in built.pack.risk_levels if level.id == result.risk_level)
    yield Text(harmless(result.project or "A project without a name"), style="bold")
    if result.date:
        yield Text(f"as of {result.date}", style="dim")
    yield Text()
    table = _grid(2)
    table.add_row(
        Text("Probability of failure", style="bold"),
        Text(f"{_percent(result.probability)}  {title}", style=f"bold {_colour(result.probability)}"),
    )
    open_count = len(result.unanswered)
    noun = "question" if open_count == 1 else "questions"
    what = f"what the {open_count} open {noun} could change" if open_count else "nothing is open"
    table.add_row("  with every open answer", f"{_range(result.range.answers)}  {what}")
    table.add_row(
        "  among projects like it",
        f"{_range(result.range.model)}  what is not known about such projects (about 90 %)",
    )
    if result.department is not None:
        table.add_row("  department", harmless(department_words(result)))
    yield table


def department_words(result: Assessment) -> str:
    """Say what the level of the project's department does to the probability.

    Args:
        result: An assessment of a project that is of a department.
    """
    score = result.score
    if not score.department:
        return f"{result.department}: no level of its own is known"
    points = 100 * (result.probability - expit(score.moderation * (score.log_odds - score.department)))
    return f"{result.department}: {points:+.1f} points, by the level of its projects ({score.department:+.2f} log-odds)"


def _ends(result: Assessment, built: BuiltPack) -> RenderableType:
    table = _grid(3)
    for end in built.pack.ends:
        share = result.ends[end.id]
        table.add_row(f"  {end.title}", Text(_percent(share), justify="right"), _bar(share))
    return Group(Text("How it would fail", style="bold"), table)


def _areas(result: Assessment, built: BuiltPack) -> RenderableType:
    table = _grid(3)
    titles = dict(built.pack.areas)
    for area, score in sorted(result.areas.items(), key=lambda one: -one[1].score):
        if score.share > 0:
            table.add_row(f"  {titles[area]}", Text(_percent(score.share), justify="right"), _bar(score.share))
    lower = [titles[area] for area, score in result.areas.items() if score.score < -0.005]
    parts: list[RenderableType] = [Text("Where the risk comes from", style="bold"), table]
    if lower:
        parts.append(Text(f"  better than usual: {', '.join(lower)}", style="dim"))
    return Group(*parts)


def _finding_parts(result: Assessment, everything: bool) -> Iterator[RenderableType]:
    findings = result.all_findings if everything else result.findings
    fires = [one for one in findings if one.state == "fires"]
    heads = sorted((one for one in fires if one.replaced_by is None), key=lambda one: -(one.effect or 0.0))
    yield Text()
    yield Text("Findings, by what each adds", style="bold")
    if not heads:
        yield Text("  none fires on these answers", style="dim")
    shown = heads if everything else heads[:MOST_FINDINGS]
    for one in shown:
        outweighed = [other for other in fires if _is_below(other, one)]
        yield _finding(one, outweighed)
    if len(heads) > len(shown):
        yield Text(f"  and {len(heads) - len(shown)} more with less effect; `--all` shows them", style="dim")
    possible = [one for one in findings if one.state == "possible"]
    if possible:
        yield Text(f"  {len(possible)} more depend on questions that are open", style="dim")
    if everything:
        for one in (one for one in findings if one.state != "fires"):
            yield _finding(one, [])


def _is_below(other: Finding, one: Finding) -> bool:
    return other.replaced_by == one.rule


def _finding(one: Finding, outweighed: Sequence[Finding]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=9, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(_effect(one), Text(harmless(one.title), style="bold" if one.state == "fires" else ""))
    for kind, text in _reasons(one):
        table.add_row(Text(kind, style="dim"), Text(harmless(text)))
    for other in outweighed:
        table.add_row(Text("also", style="dim"), Text(harmless(other.title), style="dim"))
    return Padding(table, (0, 0, 1 if one.proof else 0, 0))


def _reasons(one: Finding) -> Iterator[tuple[str, str]]:
    """Say the chain of reasons: answers, conclusions between, and what it is for."""
    if one.proof is None:
        return
    if one.proof.answers:
        yield "because", "; ".join(_answer(answer.text, answer.label) for answer in one.proof.answers)
    for step in one.proof.steps:
        if step.rule != one.rule:
            yield ("so" if step.state == "fires" else "so not"), step.title
    if one.proof.open:
        yield "depends", "on " + ", ".join(one.proof.open)


def _answer(question: str, label: str) -> str:
    return f"{question.rstrip('?')}: {label[:1].lower()}{label[1:]}"


def _effect(one: Finding) -> Text:
    if one.effect is None:
        return Text("")
    if one.state == "possible" and abs(one.effect) < 0.05:
        return Text("open", style="dim")
    return Text(f"{one.effect:+.1f} pts", style="red" if one.effect > 0 else "green")


def _first_steps(result: Assessment) -> Iterator[RenderableType]:
    steps = [one for one in result.findings if one.state == "fires" and (one.effect or 0) > 0 and one.advice]
    if not steps:
        return
    yield Text("What to do first", style="bold")
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=4)
    table.add_column(overflow="fold")
    for number, one in enumerate(steps[:FIRST_STEPS], start=1):
        table.add_row(f"{number}.", harmless(one.advice))
    yield table


def _next(result: Assessment) -> Iterator[RenderableType]:
    if not result.next_questions:
        return
    yield Text()
    yield Text("Open questions that would narrow it most", style="bold")
    for one in result.next_questions:
        yield Padding(Text(f"{one.text}  ({one.question})"), (0, 0, 0, 2))


def _warnings(result: Assessment) -> Iterator[RenderableType]:
    if not result.warnings:
        return
    yield Text()
    yield Text("To be aware of", style="bold")
    for one in result.warnings:
        yield Padding(Text(harmless(one.message), style="yellow"), (0, 0, 0, 2))


def _founded(result: Assessment) -> str:
    pack = result.versions.pack
    if result.versions.model is None:
        founded = "the rules' prior, no history"
    else:
        founded = f"model: {result.versions.model.name}"
    return (
        f"{pack.name} {pack.version} ({pack.hash[:12]}), {founded}, base rate {_percent(result.base_rate)}, "
        f"engine {result.versions.engine}"
    )


def print_department(result: Assessment) -> None:
    """Print what the department's level does, where the project is of one.

    Args:
        result: The assessment.
    """
    if result.department is not None:
        console().print(Text(harmless(f"department {department_words(result)}"), style="bold"))


def print_reasons(findings: Iterable[Finding], built: BuiltPack) -> None:
    """Print why each finding is in its state.

    Args:
        findings: The findings.
        built: The pack they are of.
    """
    out = console()
    words = {"fires": "fires", "possible": "is possible", "ruled_out": "is ruled out"}
    for one in findings:
        out.print(Text(f"{one.rule} {words[one.state]}", style="bold"))
        table = Table.grid(padding=(0, 1))
        table.add_column(justify="right", width=9, no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row(_effect(one), one.title)
        for kind, text in _reasons(one):
            table.add_row(Text(kind, style="dim"), Text(text))
        if one.replaced_by:
            table.add_row(Text("outweighed", style="dim"), built.pack.rule[one.replaced_by].title)
        table.add_row(Text("why", style="dim"), one.why)
        table.add_row(Text("do", style="dim"), one.advice)
        table.add_row(Text("source", style="dim"), _cited(one.sources, built))
        out.print(Padding(table, (0, 0, 1, 0)))


def _cited(keys: Sequence[str], built: BuiltPack) -> str:
    sources = dict(built.pack.sources)
    return "; ".join(sources[key] for key in keys)


def print_card(model: Model, built: BuiltPack) -> None:
    """Print what a model was trained on and what it moved.

    Args:
        model: The model.
        built: The pack it belongs to.
    """
    out = console()
    pack = built.pack
    out.print(Text(f"{model.name}, for {pack.name} {pack.version}", style="bold"))
    out.print(Text(f"  hash {model.hash[:12]}, base {model.base:+.3f}, moderation {model.moderation:.3f}"))
    if model.trained_on is None:
        out.print(Text("  no history: the rules' own weights, moderated by how unsure they are"))
        return
    trained = model.trained_on
    out.print(
        Text(
            f"  trained on {trained['own_projects']:g} projects of one's own and "
            f"{trained['published_projects']:g} of published counts, in {trained['rows']} rows"
        )
    )
    if trained.get("selection"):
        rate = 100 * trained["selection"]["true_rate"]
        out.print(Text(f"  a selection: of all projects {rate:g} % fail, as its user says"))
    for study in model.card["studies"]:
        out.print()
        head = f"{study['study']}: {study['failed']:g} of {study['of']:g} failed, counted as {study['counted_as']:g}"
        out.print(Text(head, style="bold"))
        for moved in study["moved"][:MOST_MOVED]:
            out.print(_hanging(f"{moved['from']:.2f} -> {moved['to']:.2f}", pack.rule[moved["rule"]].title, 14))
        _more(out, len(study["moved"]) - MOST_MOVED)
        if not study["moved"]:
            out.print(Text("  moved no finding by a hundredth", style="dim"))
    out.print()
    areas = dict(pack.areas)
    out.print(Text("Learned factors of areas; 1 is as the rules have it", style="bold"))
    for one in model.card["areas"]:
        out.print(_hanging(f"{one['factor']:.2f}", f"{areas[one['area']]} ({_learnt(one)})", 6))
    out.print()
    out.print(Text("Learned factors of findings, by how far they are from 1", style="bold"))
    for one in model.card["factors"][:MOST_FACTORS]:
        out.print(_hanging(f"{one['factor']:.2f}", f"{pack.rule[one['rule']].title} ({_learnt(one)})", 6))
    _more(out, len(model.card["factors"]) - MOST_FACTORS)
    if model.departments:
        out.print()
        sd = model.card["department_sd"]
        head = f"Levels of departments, in log-odds; their sd was {sd['before']:.2f} before and is {sd['now']:.2f} now"
        out.print(Text(head, style="bold"))
    for one in model.card.get("departments", []):
        learnt = "learnt" if one["learnt"] else "mostly that of all still"
        counts = f"{one['failed']:g} of {one['projects']:g} failed; sd {one['sd']:.2f}, {learnt}"
        out.print(_hanging(f"{one['level']:+.2f}", harmless(f"{one['department']} ({counts})"), 6))
    if model.ends:
        out.print()
        out.print(Text("How projects fail: share by the pack -> here", style="bold"))
    for end in pack.ends if model.ends else ():
        out.print(_hanging(f"{100 * end.share:.0f} % -> {100 * model.ends[end.id]:.0f} %", end.title, 14))


def _learnt(one: Mapping[str, Any]) -> str:
    state = "learnt" if one["learnt"] else "mostly the rules still"
    return f"sd {one['prior_sd']:.2f} -> {one['sd']:.2f}, {state}"


def _hanging(head: str, text: str, width: int) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=width, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(head, text)
    return table


def _more(out: Console, count: int) -> None:
    if count > 0:
        out.print(Text(f"  and {count} more that moved less; `--json` has all", style="dim"))


def markdown(result: Assessment, built: BuiltPack) -> str:
    """Write an assessment as Markdown.

    Args:
        result: The assessment.
        built: The pack it was made with.
    """
    level = next(level.title for level in built.pack.risk_levels if level.id == result.risk_level)
    lines = [
        f"# {_md(result.project or 'A project without a name')}",
        "",
        *([f"Department {_md(department_words(result))}", ""] if result.department is not None else []),
        f"**Probability of failure: {_percent(result.probability)}** ({level}), "
        f"{_range(result.range.answers)} with every open answer, "
        f"{_range(result.range.model)} among projects like it.",
        "",
        "| end | probability |",
        "| --- | ---: |",
        *(f"| {_md(end.title)} | {_percent(result.ends[end.id])} |" for end in built.pack.ends),
        "",
        "## Findings",
        "",
    ]
    for one in result.findings:
        if one.state == "fires" and one.replaced_by is None:
            lines.append(f"- **{_md(one.title)}** ({one.effect or 0:+.1f} points)")
            lines += [f"  - {kind}: {_md(text)}" for kind, text in _reasons(one)]
            lines.append(f"  - do: {_md(one.advice)}")
    if result.warnings:
        lines += ["", "## To be aware of", "", *(f"- {_md(one.message)}" for one in result.warnings)]
    return "\n".join([*lines, "", f"*{_founded(result)}*"]) + "\n"


def _md(text: str) -> str:
    out = " ".join(text.split())
    for sign in "\\`*_[]<>|#":
        out = out.replace(sign, "\\" + sign)
    return out


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table


def _bar(share: float) -> Text:
    return Text("█" * round(share * BAR) or "▏", style="blue")


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _range(bounds: tuple[float, float]) -> str:
    return f"{100 * bounds[0]:.0f} - {100 * bounds[1]:.0f} %"


def _colour(probability: float) -> str:
    return "red" if probability >= 0.55 else "yellow" if probability >= 0.35 else "green"
