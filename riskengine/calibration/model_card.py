"""The model card: what a model is for, what it was made from, and how far to trust it, as Markdown.

The items of TRIPOD+AI that apply to a small model of this kind (Collins et al. 2024, BMJ 385, e078378); those about
how well it predicts stand in `riskengine model evaluate`, which needs the projects and not only the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model

__all__ = ["markdown"]

MOST_LISTED = 20
Z_95 = 1.96


def markdown(model: Model, built: BuiltPack) -> str:
    """Give the card of a model.

    Args:
        model: The model.
        built: The pack it belongs to.
    """
    return "\n".join(_lines(model, built)) + "\n"


def _lines(model: Model, built: BuiltPack) -> Iterator[str]:
    pack = built.pack
    yield f"# Model card: {_plain(model.name)}"
    yield ""
    state, version = built.meaning_hash[:12], _plain(pack.version)
    yield f"For {_plain(pack.name)} {version}, state `{state}`; model `{model.hash[:12]}`."
    yield from _about(built)
    yield from _data(model)
    yield from _method(model, built)
    yield from _learned(model, built)
    yield from _departments(model)
    yield from _ends(model, built)
    yield from _limits(model)


def _about(built: BuiltPack) -> Iterator[str]:
    yield from ("", "## What it is for", "")
    yield (
        "It turns the answers of a questionnaire into a probability that a project fails, for people who decide on "
        "the project and talk about it. It is not made for judging people, nor for deciding without a person."
    )
    yield from ("", f"Failed means: {_plain(built.pack.base_rate.failure or 'what the user calls so')}")


def _data(model: Model) -> Iterator[str]:
    yield from ("", "## What it was made from", "")
    trained = model.trained_on
    if trained is None:
        yield "No history: the rules' own weights. No project's outcome has been learned from."
        return
    own, failed = trained["own_projects"], trained.get("own_failed")
    yield f"- Projects of one's own: {own:g}" + (
        f", of which {failed:g} failed." if own and failed is not None else "."
    )
    if trained["published_projects"] or not own:
        yield f"- Published counts: {trained['published_projects']:g} projects or ratings."
    yield f"- Rows of the table: {trained['rows']}."
    if trained.get("synthetic_projects"):
        made_up = trained["synthetic_projects"]
        yield f"- **Synthetic**: {made_up:g} of its own projects are made up. It says nothing about real projects."
    if trained.get("period"):
        yield f"- Period: {trained['period'][0]} to {trained['period'][1]}."
    if trained.get("hindsight"):
        yield (
            f"- Written down only when the outcome was known: {trained['hindsight']} projects. Hindsight may colour "
            "their answers."
        )
    if trained.get("selection"):
        rate = 100 * trained["selection"]["true_rate"]
        yield (
            f"- A selection, not all projects: its share of failures says nothing. The user states that {rate:g} % of "
            "all projects fail, and it was fitted around the odds by which failures were selected (prior correction)."
        )
    for one in trained.get("left_out", []):
        yield f"- Left out: {one['rows']} rows, {_plain(one['reason'])}."
    yield f"- SHA-256 of the table: `{trained['history_sha256']}`."
    if model.card.get("studies"):
        yield from ("", "| study | failed | of | counted as | findings moved |", "| --- | ---: | ---: | ---: | ---: |")
    for study in model.card.get("studies", []):
        yield (
            f"| {_plain(study['study'])} | {study['failed']:g} | {study['of']:g} | {study['counted_as']:g} | "
            f"{len(study['moved'])} |"
        )
    if not own:
        yield from ("", "No project of one's own is among them: read it as a check of the rules, not as a calibration.")


def _method(model: Model, built: BuiltPack) -> Iterator[str]:
    low, high = built.pack.base_rate.low, built.pack.base_rate.high
    span = f" (from {100 * low:g} to {100 * high:g} %)" if low is not None and high is not None else ""
    yield from ("", "## How it was made", "")
    yield (
        f"{len(built.pack.weighed_rules)} rules over {len(built.pack.questions)} questions give log-odds, around a "
        f"base rate of {100 * built.pack.base_rate.value:g} %{span}. A logistic regression learns how far the rules "
        "are off: on the whole, by area and by group of findings, each pulled toward the rules by a normal prior. "
        "Published studies have a level of their own, so they move neither the base rate nor all rules at once. "
        "Unknown answers add nothing. Nothing is rebalanced, and no threshold is learned."
    )
    yield from ("", f"Base {model.base:+.3f}, moderation {model.moderation:.3f}.")


def _learned(model: Model, built: BuiltPack) -> Iterator[str]:
    areas, factors = model.card.get("areas", []), model.card.get("factors", [])
    if areas:
        yield from ("", "## What it moved", "", "Factors on the weights of the rules: 1 is as the rules have it.", "")
        yield from ("| area | factor | sd before | sd now | learnt |", "| --- | ---: | ---: | ---: | --- |")
    yield from (f"| {_plain(one['area'])} | {_moved(one)}" for one in areas)
    studies = model.card.get("studies", [])
    by, rule = (" moved most by |", " --- |") if studies else ("", "")
    if factors:
        yield ""
        yield f"| finding | weight by the rules | here | factor | sd before | sd now | learnt |{by}"
        yield f"| --- | ---: | ---: | ---: | ---: | ---: | --- |{rule}"
    for one in factors[:MOST_LISTED]:
        weights = f"{one['weight']:+.2f} | {one['weight'] * one['factor']:+.2f}"
        study = f" {_plain(_mover(one['rule'], studies))} |" if studies else ""
        yield f"| {_plain(built.pack.rule[one['rule']].title)} | {weights} | {_moved(one)}{study}"
    if len(factors) > MOST_LISTED:
        yield from ("", f"And {len(factors) - MOST_LISTED} findings that moved less.")


def _departments(model: Model) -> Iterator[str]:
    levels, sd = model.card.get("departments", []), model.card.get("department_sd")
    if not levels or sd is None:
        return
    yield from ("", "## Departments", "")
    yield (
        "The level of a department's projects, in log-odds beside that of all, each pulled toward 0 by a normal prior "
        f"whose sd was {sd['before']:.2f} before and is {sd['now']:.2f} now. **The names stand in the model file**: "
        "whoever gets it reads them."
    )
    yield from ("", "| department | projects | failed | level | about 95 % | learnt |")
    yield "| --- | ---: | ---: | ---: | --- | --- |"
    for one in levels:
        low, high = one["level"] - Z_95 * one["sd"], one["level"] + Z_95 * one["sd"]
        counts = f"{one['projects']:g} | {one['failed']:g} | {one['level']:+.2f}"
        learnt = "yes" if one["learnt"] else "no"
        yield f"| {_plain(one['department'])} | {counts} | {low:+.2f} to {high:+.2f} | {learnt} |"
    yield from ("", "A project of another department, or of none, gets no level, and a wider range.")


def _mover(rule: str, studies: Sequence[Mapping[str, Any]]) -> str:
    """Name the study without which a finding's factor would be most different; none where all together moved it."""
    by = {
        study["study"]: abs(moved["to"] - moved["from"])
        for study in studies
        for moved in study["moved"]
        if moved["rule"] == rule
    }
    return max(by, key=by.__getitem__, default="none alone")


def _moved(one: Mapping[str, Any]) -> str:
    learnt = "yes" if one["learnt"] else "no"
    return f"{one['factor']:.2f} | {one['prior_sd']:.2f} | {one['sd']:.2f} | {learnt} |"


def _ends(model: Model, built: BuiltPack) -> Iterator[str]:
    yield from (
        "",
        "## How projects fail",
        "",
        "| end | share by the pack | share in this model |",
        "| --- | ---: | ---: |",
    )
    for end in built.pack.ends:
        share = model.ends.get(end.id, end.share)
        yield f"| {_plain(end.id)} | {100 * end.share:.0f} % | {100 * share:.0f} % |"


def _limits(model: Model) -> Iterator[str]:
    own = model.trained_on["own_projects"] if model.trained_on is not None else 0
    yield from ("", "## What to keep in mind", "")
    yield "- The range among projects like it holds about 90 % only if the rules are off by the amounts assumed."
    yield "- Answers given when the end was in sight make any model look better than it is."
    yield "- A finding goes together with failing; curing the sign may not cure the trouble."
    if own:
        yield "- How well it predicts: `riskengine model evaluate`. Whether it still fits: `riskengine model check`."
    else:
        yield "- How well it predicts in your house nobody knows: it has seen none of your projects."


def _plain(text: str) -> str:
    """Give text that stays text inside a table of Markdown."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
