"""Charts as inline SVG, drawn in the page's own colours, in a size for wide screens and one for narrow ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import vl_convert
from markupsafe import Markup, escape

__all__ = ["Bar", "areas_chart", "distribution_chart", "failure_bars", "figure", "spread_chart"]

SIZES = {"wide": 620, "narrow": 300}
MOST_BARS = 60
INK, MUTED, LINE, ACCENT, PALE, RISK, GOOD = (
    f"var(--{name})" for name in ("ink", "muted", "line", "accent", "pale", "risk", "good")
)


@dataclass(frozen=True, slots=True)
class Bar:
    """Numbers of failures from `low` to `high`: their chance, and whether they are among the likely ones."""

    low: int
    high: int
    chance: float
    likely: bool


def failure_bars(first: int, chances: Sequence[float], likely: tuple[int, int]) -> list[Bar]:
    """Put the numbers of failures together that make a bar; those that hardly ever happen are left out.

    Args:
        first: The number that the chances begin with.
        chances: The distribution.
        likely: The numbers between which most of it lies.
    """
    top = max(chances)
    shown = [place for place, chance in enumerate(chances) if chance >= top / 1000]
    start, end = shown[0], shown[-1] + 1
    step = -(-(end - start) // MOST_BARS)
    places = [range(place, min(place + step, end)) for place in range(start, end, step)]
    return [
        Bar(
            low=first + one[0],
            high=first + one[-1],
            chance=sum(chances[place] for place in one),
            likely=first + one[0] <= likely[1] and likely[0] <= first + one[-1],
        )
        for one in places
    ]


def distribution_chart(bars: Sequence[Bar], mean: float) -> Markup:
    """Draw how likely each number of failures is.

    Args:
        bars: The bars; the likely ones are drawn stronger.
        mean: The expected number.
    """
    rows = [{"from": one.low - 0.45, "to": one.high + 0.45, "chance": one.chance, "likely": one.likely} for one in bars]

    def draw(width: int) -> alt.LayerChart:
        domain = alt.Scale(domain=[bars[0].low - 0.5, bars[-1].high + 0.5], nice=False)
        axis = alt.Axis(tickCount=width // 70, tickMinStep=1, format=",d")
        x = alt.X("from:Q", title="projects that fail", scale=domain, axis=axis)
        y = alt.Y("chance:Q", title="chance", axis=alt.Axis(format="~%", tickCount=3))
        colour = alt.condition("datum.likely", alt.value(ACCENT), alt.value(PALE))
        drawn = _rows(rows).mark_bar().encode(x=x.bin("binned"), x2="to:Q", y=y, color=colour)
        rule = _rows([{"mean": mean}]).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="mean:Q")
        return alt.LayerChart(layer=[drawn, rule], width=width, height=150)

    middle = [one for one in bars if one.likely]
    what = (
        f"The chance of each number of failing projects. Dashed: {mean:,.1f} are expected. "
        f"Strong bars: with a chance of at least 90 %, between {middle[0].low:,} and {middle[-1].high:,} fail."
    )
    return figure("failures", "How many projects will fail", what, draw)


def spread_chart(bins: Sequence[int], starts: Sequence[float]) -> Markup:
    """Draw how many projects have which probability.

    Args:
        bins: The number of projects in equal bins of the probability.
        starts: Where the risk levels begin.
    """
    size = len(bins)
    rows = [{"from": place / size, "to": (place + 1) / size, "many": many} for place, many in enumerate(bins)]

    def draw(width: int) -> alt.LayerChart:
        axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
        x = alt.X("from:Q", title="probability of failure", scale=alt.Scale(domain=[0, 1]), axis=axis)
        y = alt.Y("many:Q", title="projects", axis=alt.Axis(tickCount=3, tickMinStep=1, format=",d"))
        bars = _rows(rows).mark_bar(color=ACCENT, binSpacing=1).encode(x=x.bin("binned"), x2="to:Q", y=y)
        lines = _rows([{"at": start} for start in starts if start > 0])
        dotted = lines.mark_rule(color=INK, strokeDash=[2, 3]).encode(x="at:Q")
        return alt.LayerChart(layer=[bars, dotted], width=width, height=150)

    what = "How many projects have which probability of failure. Dotted: where the risk levels begin."
    return figure("spread", "Where the projects stand", what, draw)


def areas_chart(effects: Mapping[str, float]) -> Markup:
    """Draw what each area adds to a probability, in percentage points.

    Args:
        effects: Points by the area's title, in the order in which they are drawn.
    """
    rows = [{"area": area, "points": value, "raises": value > 0} for area, value in effects.items()]

    def draw(width: int) -> alt.LayerChart:
        axis = alt.Axis(tickCount=4, format="+", labelExpr="datum.value === 0 ? '0' : datum.label")
        x = alt.X("points:Q", title="percentage points", scale=alt.Scale(padding=8), axis=axis)
        y = alt.Y("area:N", title=None, sort=list(effects), axis=alt.Axis(labelLimit=130, ticks=False, domain=False))
        colour = alt.condition("datum.raises", alt.value(RISK), alt.value(GOOD))
        bars = _rows(rows).mark_bar(height=12).encode(x=x, y=y, color=colour)
        zero = _rows([{"zero": 0}]).mark_rule(color=INK).encode(x="zero:Q")
        return alt.LayerChart(layer=[bars, zero], width=width - 110, height=alt.Step(20))

    what = "What each area adds to the probability: bars to the right raise it, bars to the left lower it."
    return figure("areas", "Where the risk comes from", what, draw)


def _rows(values: Sequence[Mapping[str, object]]) -> alt.Chart:
    return alt.Chart({"values": values})


def figure(name: str, title: str, what: str, draw: Callable[[int], alt.LayerChart]) -> Markup:
    """Draw a chart in each size; the page shows the one that fits.

    Args:
        name: What its parts are called in the page.
        title: What it is.
        what: What it shows, for those who don't see it.
        draw: Draws it in a width.
    """
    return Markup("").join(_svg(draw(width), f"{name}-{size}", size, title, what) for size, width in SIZES.items())


def _svg(chart: alt.LayerChart, name: str, size: str, title: str, what: str) -> Markup:
    drawn = vl_convert.vegalite_to_svg(_in_colours(chart).to_dict())
    width, height, inside = _parts(drawn)
    inside = _rounded(_without_roles(inside))
    return Markup(
        f'<svg class="chart {size}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{name}-title {name}-what"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-what">{escape(what)}</desc><g aria-hidden="true">{inside}</g></svg>'
    )


def _parts(drawn: str) -> tuple[str, str, str]:
    """Give width, height and content of an SVG as Vega writes it."""
    found = re.fullmatch(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>(.*)</svg>\s*', drawn, re.DOTALL)
    assert found is not None, drawn[:200]
    return found[1], found[2], found[3]


def _without_roles(inside: str) -> str:
    """Leave out what Vega says of each part of a chart to screen readers; the page says it of the whole."""
    return re.sub(r' (aria-[a-z]+|role)="[^"]*"', "", inside)


def _rounded(inside: str) -> str:
    """Round the places in a drawing to hundredths of a pixel, so that the last bit of a sum changes no byte."""
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r"-?\d+\.\d{3,}(e[+-]?\d+)?", _hundredths, tag[0]), inside)


def _hundredths(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 2) + 0.0:g}"


def _in_colours(chart: alt.LayerChart) -> alt.LayerChart:
    """Draw a chart in the page's colours and font, whatever they are."""
    axis = {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "tickColor": LINE,
        "domainColor": LINE,
        "gridColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelFont": "inherit",
        "titleFont": "inherit",
    }
    drawn: alt.LayerChart = (
        chart.configure(background="transparent", aria=False)
        .configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_axisX(grid=False)
    )
    return drawn
