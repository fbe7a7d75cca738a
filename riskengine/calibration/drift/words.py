"""Drift in words."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.calibration.drift.data import Drift, Sum

__all__ = ["lines"]

STATES = {
    "too_little": "too little to say",
    "fits": "outcomes fit what was predicted",
    "hint": "a hint that outcomes no longer fit",
    "alarm": "ALARM: outcomes no longer fit what was predicted",
}


def lines(found: Drift) -> Iterator[str]:
    """Give the lines that `riskengine model check` prints.

    Args:
        found: The result.
    """
    yield STATES[found.state]
    yield f"  {found.projects} predictions judged: {found.failed} failed, {found.expected:.1f} expected"
    yield f"  {found.predictions}"
    yield from (f"  {_sum(one)}" for one in found.sums)
    if found.latest is not None:
        last = found.latest
        yield (
            f"  the latest {last.projects}: {last.failed} failed, {last.expected:.1f} expected; chi-squared "
            f"{last.chi_squared:.1f}, alarm above 13.8"
        )
    for one in found.shifts:
        yield (
            f"  answers to {one.question} have shifted: `{one.answer}` from {100 * one.before:.0f} % to "
            f"{100 * one.after:.0f} %"
        )
    yield from (f"  caution: {one}" for one in found.cautions)
    if found.advice:
        yield ""
        yield "What to do"
    yield from (f"  - {one}" for one in found.advice)


def _sum(one: Sum) -> str:
    change = "twice the odds of failure" if one.odds > 1 else "half the odds of failure"
    alarms = f"; alarms: {', '.join(one.alarms)}" if one.alarms else ""
    rising = f", rising since {one.since}" if one.value > 0 else ""
    return f"sum for {change}: {one.value:.1f}, hint at 4.5, alarm at 6{rising}{alarms}"
