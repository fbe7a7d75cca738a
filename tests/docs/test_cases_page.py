"""The page on the documented cases: its figures are those of the cases, and worked out as it says."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from cases_page import PAGE, auc, auc_interval, renewed, values
from hypothesis import given
from hypothesis import strategies as st
from marked_numbers import stray_numbers
from sklearn.metrics import roc_auc_score

# figures that are no claims: the AUC of a coin, and what an interval is
KNOWN = ["it would be 0.5", "The interval (95 %) is that of Newcombe (2006), method 5"]


@cache
def figures() -> dict[str, Any]:
    return values()


def test_every_figure_and_every_row_is_that_of_the_cases() -> None:
    page = PAGE.read_text("utf-8")
    assert renewed(page, figures()) == page, "`python tests/docs/cases_page.py --write` renews them"


def test_no_figure_stands_on_the_page_unchecked() -> None:
    page = PAGE.read_text("utf-8")
    for text in KNOWN:
        page = re.sub(re.escape(text).replace(r"\ ", r"\s+"), "", page)
    assert stray_numbers(page, "") == []


def test_half_of_the_answers_blanked_leaves_the_cases_nearer_to_the_base_rate() -> None:
    assert figures()["distance_half"] < figures()["distance_whole"]


def test_eight_answers_are_never_enough_for_certainty() -> None:
    assert 0.01 < figures()["eight_least"] <= figures()["eight_most"] < 0.99


@given(st.lists(st.sampled_from([0.1, 0.2, 0.5, 0.9]), min_size=1), st.lists(st.floats(0, 1), min_size=1))
def test_the_auc_is_that_of_scikit_learn(failed: list[float], succeeded: list[float]) -> None:
    outcomes = [1] * len(failed) + [0] * len(succeeded)
    assert auc(failed, succeeded) == pytest.approx(roc_auc_score(outcomes, failed + succeeded))


@given(st.floats(0, 1), st.integers(2, 200), st.integers(2, 200))
def test_the_interval_holds_the_auc_and_narrows_with_more_cases(area: float, failed: int, succeeded: int) -> None:
    low, high = auc_interval(area, failed, succeeded)
    assert 0 <= low <= area + 1e-9 and area - 1e-9 <= high <= 1
    wide_low, wide_high = auc_interval(area, 2, 2)
    assert high - low <= wide_high - wide_low + 1e-9


def test_the_interval_of_a_perfect_ranking_still_has_a_width() -> None:
    low, high = auc_interval(1.0, 15, 15)
    assert high == 1
    assert 0.8 < low < 0.95
