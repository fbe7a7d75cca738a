"""Charts of an evaluation: what was predicted against what became of it, and what acting on it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
from markupsafe import Markup

from riskengine.reports.charts import ACCENT, GOOD, INK, LINE, MUTED, PALE, RISK, figure

__all__ = ["curve_chart", "decision_chart", "factors_chart", "outcomes_chart"]

EXTENT = 44
"""Room for the labels of the vertical axis, so that charts above one another share their horizontal one."""

DASHED, DOTTED = [7, 4], [2, 3]
LEAST_BENEFIT = -0.05


def curve_chart(points: Sequence[Mapping[str, Any]]) -> Markup:
    """Draw what share failed of those that were predicted some probability.

    Args:
        points: Points with `predicted`, `observed` and `band`.
    """
    rows = [
        {"predicted": at["predicted"], "observed": at["observed"], "low": at["band"][0], "high": at["band"][1]}
        for at in points
    ]

    def draw(width: int) -> alt.LayerChart:
        base = _data(rows).encode(x=_probability("predicted"))
        y = _share("observed", "share that failed")
        band = base.mark_area(color=PALE, opacity=0.7).encode(y=alt.Y("low:Q"), y2="high:Q")
        line = base.mark_line(color=ACCENT, strokeWidth=2.5).encode(y=y)
        right = _data([{"at": 0}, {"at": 1}]).mark_line(color=INK, strokeDash=DASHED, strokeWidth=1.2)
        layers = [band, right.encode(x=_probability("at"), y=_share("at", "share that failed")), line]
        return alt.LayerChart(layer=layers, width=width, height=min(width, 330))

    first, last = points[0], points[-1]
    what = (
        f"Line: the share that failed, by the probability predicted; from {_percent(first['observed'])} failed where "
        f"{_percent(first['predicted'])} were predicted, to {_percent(last['observed'])} where "
        f"{_percent(last['predicted'])} were. Area around it: about 95 %. Dashed: where a curve that is right lies."
    )
    return figure("curve", "Predicted and failed", what, draw)


def outcomes_chart(failed: Sequence[int], succeeded: Sequence[int]) -> Markup:
    """Draw how many projects were predicted which probability: those that failed upwards, the others downwards.

    Args:
        failed: The number of those that failed in equal bins of the probability.
        succeeded: The same of those that did not.
    """
    size = len(failed)
    rows = [
        {"from": place / size, "to": (place + 1) / size, "many": sign * many, "failed": sign > 0}
        for sign, counts in ((1, failed), (-1, succeeded))
        for place, many in enumerate(counts)
    ]

    def draw(width: int) -> alt.LayerChart:
        axis = alt.Axis(tickCount=4, tickMinStep=1, labelExpr="abs(datum.value)", minExtent=EXTENT)
        y = alt.Y("many:Q", title="projects", axis=axis)
        colour = alt.condition("datum.failed", alt.value(RISK), alt.value(GOOD))
        x = _probability("from")
        bars = _data(rows).mark_bar(binSpacing=1).encode(x=x.bin("binned"), x2="to:Q", y=y, color=colour)
        zero = _data([{"zero": 0}]).mark_rule(color=INK).encode(y="zero:Q")
        upper = _data([{"at": 0.005, "many": max(failed), "text": "↑ failed"}])
        lower = _data([{"at": 0.995, "many": -max(succeeded), "text": "↓ succeeded"}])
        told = [
            upper.mark_text(color=INK, fontSize=13, font="inherit", align="left", baseline="top"),
            lower.mark_text(color=INK, fontSize=13, font="inherit", align="right", baseline="bottom"),
        ]
        told = [one.encode(x="at:Q", y="many:Q", text="text:N") for one in told]
        return alt.LayerChart(layer=[bars, zero, *told], width=width, height=190)

    what = (
        "How many projects were predicted which probability: bars upwards failed, bars downwards succeeded. "
        "The further the upper bars lie to the right of the lower ones, the better the two are told apart."
    )
    return figure("outcomes", "Predictions by outcome", what, draw)


_LINES = (("model", "the model"), ("rules", "the rules"), ("all", "acting on all"))


def decision_chart(points: Sequence[Mapping[str, Any]]) -> Markup:
    """Draw what acting on projects from a probability on is worth, by the model, by the rules, and on all.

    Args:
        points: Points with `threshold` and the net benefits `model`, `rules` and `all`.
    """
    rows = [{"threshold": at["threshold"], "benefit": 100 * at[key], "line": key} for at in points for key, _ in _LINES]
    keys = [key for key, _ in _LINES]
    top = max(row["benefit"] for row in rows)

    def draw(width: int) -> alt.LayerChart:
        x = alt.X(
            "threshold:Q",
            title="acting from this probability on",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
        )
        scale = alt.Scale(domain=[100 * LEAST_BENEFIT, top], nice=True)
        y = alt.Y("benefit:Q", title="net benefit", scale=scale, axis=alt.Axis(tickCount=5, minExtent=EXTENT))
        lines = _data(rows).mark_line(clip=True, strokeWidth=2.2)
        lines = lines.encode(
            x=x,
            y=y,
            color=alt.Color("line:N", scale=alt.Scale(domain=keys, range=[ACCENT, RISK, MUTED]), legend=None),
            strokeDash=alt.StrokeDash(
                "line:N", scale=alt.Scale(domain=keys, range=[[1, 0], DASHED, DOTTED]), legend=None
            ),
        )
        none = _data([{"zero": 0}]).mark_rule(color=INK).encode(y="zero:Q")
        return alt.LayerChart(layer=[none, lines], width=width, height=230)

    what = (
        "Net benefit, in failures met for each 100 projects, of acting on projects from a probability on. Solid: by "
        "the model. Dashed: by the rules alone. Dotted: acting on all, which leaves the chart below. At 0: on none."
    )
    return figure("decision", "What acting on it is worth", what, draw)


def factors_chart(factors: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Draw how much each area counts for against the rules, before history and after.

    Args:
        factors: `prior` and `posterior`, with their intervals, by the area's title.
    """
    rows = [
        {
            "area": area,
            "which": key,
            "at": one[key]["value"],
            "low": one[key]["interval"][0],
            "high": one[key]["interval"][1],
        }
        for area, one in factors.items()
        for key in ("prior", "posterior")
    ]

    def draw(width: int) -> alt.LayerChart:
        axis = alt.Axis(labelLimit=130, ticks=False, domain=False)
        base = _data(rows).encode(
            y=alt.Y("area:N", title=None, sort=list(factors), axis=axis),
            yOffset=alt.YOffset("which:N", sort=["prior", "posterior"]),
        )
        after = "datum.which === 'posterior'"
        x = alt.X(
            "low:Q", title="times as much as by the rules", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5)
        )
        spans = base.mark_rule().encode(
            x=x,
            x2="high:Q",
            color=alt.condition(after, alt.value(ACCENT), alt.value(MUTED)),
            strokeWidth=alt.condition(after, alt.value(4), alt.value(1.2)),
        )
        dots = base.mark_point(filled=True, opacity=1, stroke=MUTED, strokeWidth=1.4).encode(
            x="at:Q",
            size=alt.condition(after, alt.value(90), alt.value(45)),
            fill=alt.condition(after, alt.value(ACCENT), alt.value("var(--card)")),
        )
        one = _data([{"one": 1}]).mark_rule(color=INK, strokeDash=DASHED).encode(x="one:Q")
        return alt.LayerChart(layer=[one, spans, dots], width=width - 110, height=alt.Step(17))

    what = (
        "How much each area counts for, as a multiple of what the rules say. Thin line, hollow dot: thought before "
        "history. Thick line, full dot: with history. Lines are about 95 %. Dashed: as by the rules."
    )
    return figure("factors", "How much each area counts for", what, draw)


def _data(values: Sequence[Mapping[str, object]]) -> alt.Chart:
    return alt.Chart({"values": values})


def _probability(field: str) -> alt.X:
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], domainColor=LINE)
    return alt.X(f"{field}:Q", title="predicted probability", scale=alt.Scale(domain=[0, 1]), axis=axis)


def _share(field: str, title: str) -> alt.Y:
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], minExtent=EXTENT)
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=axis)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
