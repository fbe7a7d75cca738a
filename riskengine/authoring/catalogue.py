"""A pack as a folder of Markdown pages, for a documentation site: what `riskengine rules docs` writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from riskengine.authoring.graph import about_rule
from riskengine.authoring.mermaid import mermaid
from riskengine.authoring.page import (
    Named,
    QuantityPage,
    QuestionPage,
    RulePage,
    effect,
    quantity_page,
    question_page,
    rule_page,
)
from riskengine.authoring.words import Line, indented
from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.pack.model import Pack, Rule

__all__ = ["MARK", "catalogue"]

MARK = "<!-- written by `riskengine rules docs`, which replaces this folder: do not edit -->"
"""The first line of every page, by which a folder is known to be a catalogue."""

_SPECIAL = "\\`*_[]<>|#~&"
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def catalogue(pack: Pack, folder: Path | None = None) -> dict[str, str]:
    """Write the pages of a pack: an index, a page for each rule, the questionnaire, the ends and the sources.

    Args:
        pack: The pack.
        folder: The folder that it was read from; where a rule stands is named from there.

    Returns:
        Text by path, the same for the same pack; every link leads to one of the pages, and every anchor is an id of
        the pack.

    Raises:
        ProblemError: RE-109 if an id can't stand in a path or a link, as in a one-file JSON of another program.
    """
    _check_ids(pack)
    pages = {
        "index.md": _index(pack),
        "questionnaire.md": _questionnaire(pack),
        "ends.md": _ends(pack),
        "sources.md": _sources(pack),
    }
    pages |= {f"rules/{rule.id}.md": _rule(rule, pack, folder) for rule in pack.rules}
    return {path: "\n".join([MARK, "", *lines]) + "\n" for path, lines in pages.items()}


def _check_ids(pack: Pack) -> None:
    ids = [one.id for one in pack.rules] + [one.id for one in pack.quantities] + [one.id for one in pack.ends]
    ids += [id for question in pack.questions for id in (question.id, *question.level_ids)]
    ids += [*(id for id, _ in pack.areas), *(key for key, _ in pack.sources), *pack.phases, *pack.rules_concluding]
    for id in ids:
        if not _ID.fullmatch(id):
            help = "letters, digits, `_`, `-` and `.`; `riskengine rules build` writes no others"
            raise ProblemError(Problem("RE-109", f"`{shorten(id)}` can't stand in a link", help, value=shorten(id)))


# --- the index ---


def _index(pack: Pack) -> Iterator[str]:
    checks = sum(rule.weight is None for rule in pack.rules)
    yield f"# {_md(pack.name)} {_md(pack.version)}"
    yield ""
    yield (
        f"{len(pack.questions)} [questions](questionnaire.md), {len(pack.rules) - checks} findings and {checks} "
        f"contradiction checks, {len(pack.ends)} [ways to fail](ends.md), {len(pack.sources)} [sources](sources.md)."
    )
    yield ""
    yield (
        f"Of the projects that it is made for, about {100 * pack.base_rate.value:.3g} % fail. Failing means: "
        f"{_md(pack.base_rate.failure)}"
    )
    for area, title in pack.areas:
        rules = [rule for rule in pack.rules if rule.area == area]
        if not rules and all(question.area != area for question in pack.questions):
            continue
        yield from ("", f'<a id="area-{area}"></a>', "", f"## {_md(title)}", "")
        if rules:
            yield from _table(["finding", "effect", "leads to"], [_index_row(rule, pack) for rule in rules])
        else:
            yield "No finding belongs to it; its [questions](questionnaire.md) are read by findings of other areas."


def _index_row(rule: Rule, pack: Pack) -> list[str]:
    titles = [_link(end.title, f"ends.md#end-{end.id}") for end in pack.ends if end.id in rule.leads_to]
    return [_link(rule.title, f"rules/{rule.id}.md"), effect(rule), ", ".join(titles)]


# --- a rule ---


def _rule(rule: Rule, pack: Pack, folder: Path | None) -> Iterator[str]:
    page = rule_page(rule, pack)
    yield f"# {_md(page.title)}"
    yield ""
    yield f"`{page.id}`, {_link(page.area.title, f'../index.md#area-{page.area.id}')}: {page.effect}"
    for text in (page.warns, page.why):
        if text:
            yield from ("", _md(text))
    if page.advice:
        yield from ("", f"**What to do:** {_md(page.advice)}")
    yield from ("", "## When", "")
    yield from _bullets(page.condition)
    if page.gates:
        yield from ("", "Not every project is asked:", "")
        yield from _bullets(page.gates)
    yield from ("", "## What feeds it, and what it feeds", "", "```mermaid")
    yield mermaid(about_rule(rule.id, pack, steps=1)).rstrip("\n")
    yield from ("```", "")
    yield from _rule_links(page)
    yield from _rule_ground(page)
    yield from ("", f"*From {_md(page.origin)}{_changed(page)}{_standing(rule.source, folder)}*")


def _rule_links(page: RulePage) -> Iterator[str]:
    yield from _named("Reads", page.questions, "../questionnaire.md#question-{}")
    yield from _named("Works with", page.quantities, "../questionnaire.md#quantity-{}")
    yield from _named("Builds on", page.fed_by, "{}.md")
    if page.concludes:
        yield f"- Concludes `{page.concludes}`"
    if page.feeds:
        yield "- Feeds"
    for step in page.feeds:
        ends = f", which leads to {_md(', '.join(step.ends))}" if step.ends and not step.is_repeated else ""
        yield f"{'  ' * (step.depth + 1)}- {_link(step.title, f'{step.id}.md')}{ends}"
    yield from _named("Leads to", page.ends, "../ends.md#end-{}")
    others = [one for one in page.group if one.id != page.id]
    yield from _named("Only the heaviest that fires counts, of this and", others, "{}.md")


def _rule_ground(page: RulePage) -> Iterator[str]:
    if page.sources:
        yield from ("", "## Sources", "")
    for one in page.sources:
        yield f"- {_link(one.key, f'../sources.md#source-{one.key}')}: {_md(one.cite)}"
    if page.basis:
        words = {"effect": "a measured effect", "judgement": "judgement"}
        yield from ("", f"Its weight rests on {words[page.basis]}.")
    if page.examples:
        yield from ("", "## Examples", "")
        yield from _table(["answers", "state"], [[_md(one.answers), _md(one.state)] for one in page.examples])


def _changed(page: RulePage) -> str:
    return f", its weight set by {_md(page.changed_by)}" if page.changed_by else ""


def _standing(source: Source, folder: Path | None) -> str:
    if folder is None or source.file is None or not Path(source.file).is_relative_to(folder):
        return ""
    return f", {_md(Path(source.file).relative_to(folder).as_posix())}:{source.line}"


# --- the questionnaire ---


def _questionnaire(pack: Pack) -> Iterator[str]:
    yield "# Questionnaire"
    yield ""
    yield "In the order in which it is asked. The shares say how often each answer is expected where it is asked."
    for question in pack.questions:
        yield from _question(question_page(question, pack))
    if pack.quantities:
        yield from ("", "# Quantities", "", "Numbers that are worked out from answers.")
    for quantity in pack.quantities:
        yield from _quantity(quantity_page(quantity, pack), pack)


def _question(page: QuestionPage) -> Iterator[str]:
    yield from ("", f'<a id="question-{page.id}"></a>', "", f"## {_md(page.title)}", "")
    yield f"`{page.id}`, {_link(page.area.title, f'index.md#area-{page.area.id}')}, {page.phase}: {page.kind}"
    yield from ("", _md(page.help), "")
    if page.levels:
        rows = [[f"`{one.id}`", _md(one.label), f"{100 * one.share:.3g} %"] for one in page.levels]
        yield from _table(["answer", "what one would see", "share"], rows)
    else:
        yield f"Expected: {_md(page.shares)}."
    yield ""
    reason = f". {_md(page.worse_reason)}" if page.worse_reason else ""
    yield f"- Risk: {page.worse}{reason}"
    yield f"- To change: {page.change}"
    if page.is_quick:
        yield "- Asked by `riskengine assess --quick`"
    yield from _under("Asked if", page.asked_if)
    yield from _under("Should be known if", page.due_if)
    yield from _named("Read by", page.rules, "rules/{}.md")
    yield from _named("Part of", page.quantities, "#quantity-{}")
    yield from _named("Decides on", page.decides, "#question-{}")


def _quantity(page: QuantityPage, pack: Pack) -> Iterator[str]:
    yield from ("", f'<a id="quantity-{page.id}"></a>', "", f"## {_md(page.title)}", "")
    yield from (f"`{page.id}` = `{page.formula}`", "")
    questions = [one for one in page.parts if one.id in pack.question]
    yield from _named("Made of", questions, "#question-{}")
    yield from _named("Made of", [one for one in page.parts if one.id in pack.quantity], "#quantity-{}")
    yield from _named("Read by", page.rules, "rules/{}.md")
    yield from _named("Part of", page.quantities, "#quantity-{}")


# --- ends and sources ---


def _ends(pack: Pack) -> Iterator[str]:
    yield "# Ways to fail"
    for end in pack.ends:
        yield from ("", f'<a id="end-{end.id}"></a>', "", f"## {_md(end.title)}", "")
        yield from (f"{_md(end.means)} About {100 * end.share:.3g} % of all failures.", "")
        rules = [rule for rule in pack.rules if end.id in rule.leads_to]
        rows = [[_link(rule.title, f"rules/{rule.id}.md"), effect(rule)] for rule in rules]
        yield from _table(["finding", "effect"], rows)


def _sources(pack: Pack) -> Iterator[str]:
    yield "# Sources"
    for key, cite in pack.sources:
        yield from ("", f'<a id="source-{key}"></a>', "", f"## {_md(key)}", "", _md(cite), "")
        citing = [Named(rule.id, rule.title) for rule in pack.rules if key in rule.sources]
        yield from _named("Cited by", citing, "rules/{}.md")


# --- Markdown ---


def _md(text: str) -> str:
    """Write a text so that no sign in it is markup, on one line."""
    kept = " ".join(text.split()).translate(_ESCAPES)
    return "".join(one if one.isprintable() else "\ufffd" for one in kept)


_ESCAPES: Mapping[int, str] = str.maketrans({sign: f"\\{sign}" for sign in _SPECIAL})


def _link(text: str, target: str) -> str:
    return f"[{_md(text)}]({target})"


def _named(head: str, named: Sequence[Named], target: str) -> Iterator[str]:
    if named:
        yield f"- {head}"
    for one in named:
        yield f"  - {_link(one.title, target.format(one.id))}"


def _under(head: str, lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        yield f"- {head}"
    yield from (f"  {line}" for line in _bullets(lines))


def _bullets(lines: Sequence[Line]) -> Iterator[str]:
    for depth, text in indented(lines):
        yield f"{'  ' * depth}- {_md(text)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
