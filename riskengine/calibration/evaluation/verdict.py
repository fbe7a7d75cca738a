"""The verdict: an evaluation in a few sentences, for somebody who reads no further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskengine.calibration.evaluation.data import AreaFactor, Evaluation, Figure, Figures, Ranged

__all__ = ["verdict"]

FEW = 10
"""Below so many projects the number is still the rules'."""


def verdict(found: Evaluation, titles: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Say what a history has made of the number, how it would have done, and what is too little to say.

    Args:
        found: The evaluation.
        titles: Titles of the areas, by id; the ids by default.

    Returns:
        Sentences, a paragraph together.
    """
    return (_yours(found), *_did(found), *_sure(found), *_areas(found, titles or {}), *_too_little(found.figures))


def _yours(found: Evaluation) -> str:
    n = found.figures.projects
    if found.synthetic:
        return f"{found.synthetic} of {n} projects are made up: nothing here is about real ones."
    if n < FEW:
        return f"{n} finished projects are very little: the number is still that of the rules, but for its level."
    if found.selection is not None:
        return (
            f"Your {n} projects are a selection: they teach what tells failures from successes, and that "
            f"{_percent(found.selection)} of all projects fail is what you state."
        )
    return f"With your {n} finished projects the number is now yours."


def _did(found: Evaluation) -> Iterator[str]:
    """Say how it would have done."""
    figures, ratio = found.figures, found.figures.observed_over_expected
    if ratio is not None:
        agrees = ratio.interval[0] <= 1 <= ratio.interval[1]
        how = "a difference that chance can make" if agrees else "a difference that chance alone hardly makes"
        yield (
            f"On projects held out from it, it would have expected {figures.expected:.1f} failures, and there were "
            f"{figures.failed}, {how}."
        )
    if figures.log_loss is not None:
        same = _than(figures.log_loss.gain_over_base_rate, "giving every project the same rate")
        rules = _than(figures.log_loss.gain_over_rules, "the rules")
        yield f"Project by project it would have done {same}, and {rules}."
    if figures.auc is not None:
        low, high = figures.auc.interval
        yield (
            "Of a failed and a successful project it would have called the failed one riskier "
            f"{_percent(figures.auc.value)} of the time ({_percent(low)} to {_percent(high)}; 50 % is chance)."
        )


def _than(gain: Figure, other: str) -> str:
    low, high = gain.interval
    chance = "" if low > 0 or high < 0 else " (which could still be chance)"
    return f"{'better' if gain.value >= 0 else 'worse'} than {other}{chance}"


def _sure(found: Evaluation) -> Iterator[str]:
    """Say how sure the number is, by the range of a project of which nothing is known."""
    if found.ordinary is None:
        return
    before, now = found.ordinary.before, found.ordinary.now
    yield (
        f"A project of which nothing is known yet now gets {_ranged(now)}; without your history it would be "
        f"{_ranged(before)}."
    )


def _ranged(one: Ranged) -> str:
    low, high = one.range
    return f"{_percent(one.probability)} (range {_percent(low)} to {_percent(high)})"


def _areas(found: Evaluation, titles: Mapping[str, str]) -> Iterator[str]:
    """Name the areas whose weight history has moved beyond chance; else the one that it hints at most."""

    def named(one: AreaFactor) -> str:
        return titles.get(one.area, one.area)

    clear = [one for one in found.areas if not one.posterior.interval[0] <= 1 <= one.posterior.interval[1]]
    for one in clear:
        yield f"{named(one)} matters {_more(one)} in your house than the rules think, {_times(one)}."
    if not clear and found.areas:
        hint = max(found.areas, key=lambda one: abs(one.posterior.value - 1))
        yield (
            "No area clearly matters more or less in your house than the rules think. "
            f"The strongest hint: {named(hint)} matters {_more(hint)}, {_times(hint)}."
        )


def _more(one: AreaFactor) -> str:
    return "more" if one.posterior.value > 1 else "less"


def _times(one: AreaFactor) -> str:
    low, high = one.posterior.interval
    return f"{one.posterior.value:.2f} times ({low:.2f} to {high:.2f})"


def _too_little(figures: Figures) -> Iterator[str]:
    """Say what comes next, and after how many outcomes."""
    waited = [one for one in figures.too_little if one.more_outcomes and ":" not in one.figure]
    if waited:
        soonest = min(one.more_outcomes for one in waited)
        first = [_TITLES[one.figure] for one in waited if one.more_outcomes == soonest]
        later = [_TITLES[one.figure] for one in waited if one.more_outcomes > soonest]
        yield (
            f"Still too little to say: {_listed(first)}, for about {soonest} more outcomes"
            + (f"; for longer, {_listed(later)}." if later else ".")
        )


_TITLES = {
    "losses": "whether it beats the rules project by project",
    "decision": "what acting on it would be worth",
    "auc": "how well it tells failures from successes",
    "intercept": "whether its level is right",
    "slope": "whether it is too sure or too timid",
    "curve": "whether it holds at every level of risk",
}


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
