"""The report of an evaluation: what `riskengine model evaluate --json` prints, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from riskengine.assessment.build import BuiltPack
from riskengine.reports.evaluation_charts import curve_chart, decision_chart, factors_chart, outcomes_chart
from riskengine.reports.foundation import foundation_of
from riskengine.reports.page import render
from riskengine.reports.text import Name, decimal, name_of, reach, visible

__all__ = ["evaluation_page"]

Form = Mapping[str, Any]

BINS = 20
CURVE_STEP = 4
"""Of the curve's points, one in so many stands in the table beside it."""

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class _Card:
    """A question that readers have, and its answer.

    Attributes:
        question: The question.
        answer: The answer in a word or a number.
        words: What it means.
        known: Whether the projects are enough to say.
    """

    question: str
    answer: str
    words: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Row:
    """A figure as a row of a table; without a value, how many more outcomes it takes."""

    title: str
    value: str
    interval: str
    note: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Bin:
    """Projects whose predicted probability is from `start` up to `end`."""

    start: float
    end: float
    failed: int
    succeeded: int


@dataclass(frozen=True, slots=True)
class _Listed:
    """A project whose outcome was predicted badly."""

    name: Name | None
    row: int
    probability: float
    failed: bool


def evaluation_page(found: Form, built: BuiltPack, history: str, verdict: Sequence[str]) -> str:
    """Write the report of an evaluation as one HTML file.

    Args:
        found: The evaluation, in the form of `evaluation.schema.json`.
        built: The pack it was made with.
        history: What the history is called.
        verdict: What it comes to, in sentences.
    """
    figures = found["figures"]
    bins = _bins(found["predicted"])
    ends = {end.id: end.title for end in built.pack.ends}
    return render(
        "evaluation.html",
        found=found,
        figures=figures,
        history=name_of(history),
        verdict=verdict,
        share=_share_of_failures(figures),
        cards=_cards(figures),
        rows=_rows(figures),
        later=None if found["temporal"] is None else _rows(found["temporal"]["figures"]),
        missing=_missing(figures),
        bins=bins,
        curve=_curve_points(figures),
        ends=[(ends[one["end"]], one, _more(figures, f"auc:{one['end']}")) for one in found["ends"]],
        end_figures=[f"auc:{end}" for end in ends],
        areas=[(dict(built.pack.areas)[one["area"]], one) for one in found["areas"]],
        subgroups=_subgroups(found["subgroups"]),
        surprising=_surprising(found["predicted"]),
        charts=dict(_charts(found, built, bins)),
        foundation=foundation_of(built, built.prior, None),
    )


def _share_of_failures(figures: Form) -> tuple[float, float] | None:
    """Give the interval of the share that failed, of which that of failed / expected is made."""
    if figures["observed_over_expected"] is None:
        return None
    each = figures["expected"] / figures["projects"]
    low, high = figures["observed_over_expected"]["interval"]
    return low * each, high * each


def _missing(figures: Form) -> Mapping[str, Form]:
    return {one["figure"]: one for one in figures["too_little"]}


def _more(figures: Form, figure: str) -> str:
    """Say how many more outcomes a figure takes."""
    one = _missing(figures).get(figure)
    return "" if one is None else _takes(one)


def _takes(one: Form) -> str:
    more = one["more_outcomes"]
    if not more:
        return "no number of outcomes would say it"
    return f"too little: about {more:,} more outcome{'' if more == 1 else 's'}"


def _is_beyond(figure: Form, limit: float) -> bool:
    low, high = figure["interval"]
    return not low <= limit <= high


def _cards(figures: Form) -> list[_Card]:
    return [_level_card(figures), _gain_card(figures), _auc_card(figures), _slope_card(figures)]


def _unknown(question: str, figures: Form, figure: str) -> _Card:
    one = _missing(figures)[figure]
    more = one["more_outcomes"]
    if not more:
        return _Card(question, "Cannot be said", f"{one['sentence'][:1].upper()}{one['sentence'][1:]}", known=False)
    words = f"About {more:,} more outcome{'' if more == 1 else 's'} at your share of failures so far."
    return _Card(question, "Too little to say", words, known=False)


def _level_card(figures: Form) -> _Card:
    ratio = figures["observed_over_expected"]
    if ratio is None:
        words = "The history is a selection of projects: its share of failures was chosen, and is no one's to predict."
        return _Card("Right on the whole?", "Cannot be said", words, known=False)
    words = f"times as many failed as were expected ({reach(ratio['interval'])}); 1 is right."
    if not _is_beyond(ratio, 1):
        return _Card("Right on the whole?", decimal(ratio["value"]), f"{words} Chance can do that much.")
    more = "more" if ratio["value"] > 1 else "fewer"
    return _Card("Right on the whole?", decimal(ratio["value"]), f"{words} That is {more} than chance explains.")


def _gain_card(figures: Form) -> _Card:
    question = "Better than the rules alone?"
    if figures["log_loss"] is None:
        return _unknown(question, figures, "losses")
    gain = figures["log_loss"]["gain_over_rules"]
    words = f"In log loss, {decimal(gain['value'], 3)} is gained over the rules ({reach(gain['interval'], 3)})."
    if not _is_beyond(gain, 0):
        return _Card(question, "Could be chance", f"{words} That is no reason to switch history off.")
    return _Card(question, "Yes" if gain["value"] > 0 else "No, worse", f"{words} That is beyond chance.")


def _auc_card(figures: Form) -> _Card:
    question = "Does it tell failures apart?"
    auc, rules = figures["auc"], figures["rules_auc"]
    if auc is None:
        return _unknown(question, figures, "auc")
    words = (
        f"is the AUC ({reach(auc['interval'])}): of a project that failed and one that did not, how often the first "
        f"had the higher probability. Chance: 0.5; the rules alone: {decimal(rules['value'])}."
    )
    return _Card(question, decimal(auc["value"]), words)


def _slope_card(figures: Form) -> _Card:
    question = "Are its percentages sized right?"
    slope = figures["slope"]
    if slope is None:
        return _unknown(question, figures, "slope")
    words = f"is the calibration slope ({reach(slope['interval'])}); 1 is right."
    if not _is_beyond(slope, 1):
        return _Card(question, decimal(slope["value"]), f"{words} Chance can do that much.")
    way = "timid: too near to the base rate" if slope["value"] > 1 else "too extreme"
    return _Card(question, decimal(slope["value"]), f"{words} Its percentages are {way}.")


_SINGLE = (
    ("auc", "AUC", "0.5 is chance, 1 is perfect"),
    ("intercept", "Calibration intercept", "0 is right; above, too few failures were expected"),
    ("slope", "Calibration slope", "1 is right; below, predictions are too extreme"),
)
_LOSSES = (("log_loss", "Log loss"), ("brier", "Brier score"))


def _rows(figures: Form) -> list[_Row]:
    """Give all figures that are one number, those with too little behind them too."""
    return [_ratio_row(figures), *_loss_rows(figures), *_single_rows(figures)]


def _ratio_row(figures: Form) -> _Row:
    ratio = figures["observed_over_expected"]
    if ratio is None:
        return _Row("Failed / expected", "", "", "says nothing of a selection of projects", known=False)
    return _row("Failed / expected", ratio, f"{figures['failed']:,} against {figures['expected']:,.1f}; 1 is right")


def _row(title: str, figure: Form, note: str, places: int = 2) -> _Row:
    return _Row(title, decimal(figure["value"], places), reach(figure["interval"], places), note)


def _loss_rows(figures: Form) -> Iterator[_Row]:
    for key, title in _LOSSES:
        losses = figures[key]
        if losses is None:
            yield _Row(title, "", "", _more(figures, "losses"), known=False)
            continue
        yield _row(title, losses["model"], "lower is better", 3)
        for other, name in (("rules", "the rules"), ("base_rate", "the base rate")):
            gain = losses[f"gain_over_{other}"]
            yield _row(f"{title}: gain over {name}", gain, _sure(gain), 3)


def _sure(gain: Form) -> str:
    if not _is_beyond(gain, 0):
        return "could be chance"
    return "better, beyond chance" if gain["value"] > 0 else "worse, beyond chance"


def _single_rows(figures: Form) -> Iterator[_Row]:
    for key, title, note in _SINGLE:
        if figures[key] is None:
            yield _Row(title, "", "", _more(figures, key), known=False)
        else:
            beside = f"; the rules alone {decimal(figures['rules_auc']['value'])}" if key == "auc" else ""
            yield _row(title, figures[key], note + beside)


def _bins(predicted: Sequence[Form]) -> list[_Bin]:
    counts = [[0] * BINS, [0] * BINS]
    for one in predicted:
        counts[one["failed"]][min(int(one["probability"] * BINS), BINS - 1)] += 1
    return [_Bin(place / BINS, (place + 1) / BINS, counts[1][place], counts[0][place]) for place in range(BINS)]


def _curve_points(figures: Form) -> Sequence[Form]:
    return figures["curve"][::CURVE_STEP] if figures["curve"] else []


def _subgroups(subgroups: Sequence[Form]) -> list[tuple[Name, list[tuple[Name, Form, Mapping[str, Form]]]]]:
    """Put subgroups together by their column."""
    return [
        (
            name_of(column),
            [(name_of(one["value"]), one["figures"], _missing(one["figures"])) for one in some],
        )
        for column, some in groupby(subgroups, key=lambda one: str(one["column"]))
    ]


def _surprising(predicted: Sequence[Form]) -> list[_Listed]:
    """Give the projects whose outcome had been given the least probability, worst first, a row of the table once."""
    worst = sorted(predicted, key=lambda one: (-abs(one["failed"] - one["probability"]), one["row"]))
    rows: dict[int, Form] = {}
    for one in worst:
        rows.setdefault(one["row"], one)
    return [
        _Listed(name_of(one["project"]) if one["project"] else None, row, one["probability"], one["failed"])
        for row, one in list(rows.items())[:MOST_LISTED]
    ]


def _charts(found: Form, built: BuiltPack, bins: Sequence[_Bin]) -> Iterator[tuple[str, Markup]]:
    """Draw what there is enough for."""
    figures, titles = found["figures"], dict(built.pack.areas)
    if figures["curve"]:
        yield "curve", curve_chart(figures["curve"])
    if figures["log_loss"] is not None:
        yield "outcomes", outcomes_chart([one.failed for one in bins], [one.succeeded for one in bins])
    if figures["decision"]:
        yield "decision", decision_chart(figures["decision"])
    yield "factors", factors_chart({visible(titles[one["area"]]): one for one in found["areas"]})
