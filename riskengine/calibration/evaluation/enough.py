"""What is too little: which figure means something from how many projects on, and how many are missing.

Sources: Riley et al. 2024, 2025 (sample sizes for evaluating models); Collins et al. 2016, Statistics in Medicine 35,
214; and a simulation of this recipe.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["NEEDED", "Needed", "TooLittle", "not_of_a_selection", "too_little"]


@dataclass(frozen=True, slots=True)
class Needed:
    """From when on a figure is shown.

    Attributes:
        title: What the figure is called.
        projects: How many projects at least.
        smaller: How many at least in the smaller class: of failures and successes, those there are fewer of.
        otherwise: What it would mislead about with fewer.
        of_the_level: Whether it depends on how many fail at all, and so means nothing on a selection of projects.
    """

    title: str
    projects: int
    smaller: int
    otherwise: str
    of_the_level: bool = True


NEEDED: Mapping[str, Needed] = {
    "losses": Needed("log loss and Brier score", 60, 10, "one unlucky project would change them more than any model"),
    "decision": Needed("the decision curve", 60, 10, "it would show who happened to fail"),
    "auc": Needed("the AUC", 100, 20, "its interval would reach from useless to excellent", False),
    "intercept": Needed("the calibration intercept", 100, 1, "chance alone moves it by half a unit"),
    "slope": Needed("the calibration slope", 200, 50, "it would say overconfident or timid at random", False),
    "curve": Needed("the calibration curve", 1, 100, "its band would hold every curve"),
}


@dataclass(frozen=True, slots=True)
class TooLittle:
    """A figure that means nothing yet.

    Attributes:
        figure: Its key.
        sentence: What is missing, and how much, in words.
        more: How many more outcomes it takes, at the share of failures so far.
    """

    figure: str
    sentence: str
    more: int


def too_little(figure: str, failed: int, succeeded: int, rate: float, of: str = "") -> TooLittle | None:
    """Say what is missing for a figure, if anything is.

    Args:
        figure: A key of `NEEDED`.
        failed: How many failed.
        succeeded: How many did not.
        rate: Share of failures to expect where one of the two is missing.
        of: What the figure is about, if not about all projects, such as `cancelled`.

    Returns:
        What is missing; `None` if the figure may be shown.

    Examples:
        >>> too_little("auc", 30, 90, 0.3) is None
        True
        >>> too_little("auc", 15, 25, 0.3).more
        60
    """
    needed, n, smaller = NEEDED[figure], failed + succeeded, min(failed, succeeded)
    if n >= needed.projects and smaller >= needed.smaller:
        return None
    share = smaller / n if smaller else min(rate, 1 - rate)
    more = max(needed.projects - n, math.ceil((needed.smaller - smaller) / share - 1e-9))
    which = "failures" if failed <= succeeded else "successes"
    wanted = {"projects": (needed.projects, n)} if needed.projects > 1 else {}
    wanted |= {which: (needed.smaller, smaller)} if needed.smaller > 1 else {}
    takes = " and ".join(f"{least} {what}" for what, (least, _) in wanted.items())
    there = " and ".join(str(found) for _, found in wanted.values())
    title = f"{needed.title} of {of}" if of else needed.title
    return TooLittle(
        figure if not of else f"{figure}:{of}",
        f"{title}: too little to say. It takes {takes}, and there are {there}: about {more} more outcomes. "
        f"With fewer, {needed.otherwise}.",
        more,
    )


def not_of_a_selection(figure: str) -> TooLittle:
    """Say that a figure can't be had from a selection of projects, however large.

    Args:
        figure: A key of `NEEDED`.
    """
    sentence = f"{NEEDED[figure].title}: not from a selection, whose share of failures is that of whoever made it."
    return TooLittle(figure, sentence, 0)
