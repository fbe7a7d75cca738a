"""The report of a portfolio: what is shown of it, and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riskengine.reports.foundation import Foundation
from riskengine.reports.text import Name

__all__ = [
    "Area",
    "Change",
    "Crossing",
    "Distribution",
    "End",
    "Gone",
    "Level",
    "Listed",
    "Money",
    "PortfolioReport",
    "SharedFinding",
    "portfolio_page",
]

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many projects fail, if they fail independently of one another.

    Attributes:
        first: The number of failures that `chances` begins with.
        chances: How likely each number is.
        likely: The numbers between which 90 % of it lies.
        exact: Whether it was worked out exactly.
    """

    first: int
    chances: Sequence[float]
    likely: tuple[int, int]
    exact: bool


@dataclass(frozen=True, slots=True)
class Money:
    """What is at risk: the sum of probability times budget.

    Attributes:
        column: The column of budgets.
        unit: Their currency, where the column's name says one.
        known: Projects whose budget is known.
        missing: Projects whose budget is not.
        total: The sum of the budgets.
        expected: The budgets of projects that fail, as it is to be expected.
        model: The same at the lower and the upper end of each model range.
    """

    column: str
    unit: str
    known: int
    missing: int
    total: float
    expected: float
    model: Bounds


@dataclass(frozen=True, slots=True)
class Level:
    """A risk level.

    Attributes:
        title: What it is called.
        range: The probabilities from which, and below which, it holds.
        place: Its place among the levels, 0 the lowest to 1 the highest.
        projects: How many projects are at it.
        expected: How many of them are expected to fail.
        money: What is at risk in them.
    """

    title: str
    range: Bounds
    place: float
    projects: int
    expected: float
    money: float


@dataclass(frozen=True, slots=True)
class Listed:
    """A project that is named.

    Attributes:
        name: Its name, if it has one.
        where: Its row, and its table where there are several.
        probability: How likely it is to fail.
        answers: The range that open answers leave.
        model: The range of what is not known about such projects.
        level: The risk level.
        top: The title of the finding that adds most, if there is one.
        budget: What it costs, where that is known.
        answered: The share of its questions that have an answer.
        areas: What each area adds, in percentage points, in the order of the report's areas.
        before: How likely it was to fail at the last run, where that knew it.
    """

    name: Name | None
    where: str
    probability: float
    answers: Bounds
    model: Bounds
    level: Level
    top: str | None
    budget: float | None
    answered: float
    areas: Sequence[float]
    before: float | None


@dataclass(frozen=True, slots=True)
class Area:
    """An area, and what it adds in the mean of all projects, in percentage points."""

    title: str
    mean: float


@dataclass(frozen=True, slots=True)
class SharedFinding:
    """A finding, in how many projects it fires, and how many failures its absence would avoid."""

    id: str
    title: str
    area: str
    why: str
    advice: str
    projects: int
    avoided: float


@dataclass(frozen=True, slots=True)
class End:
    """A way to fail, how many projects are expected to take it, and the budgets of those that do."""

    title: str
    means: str
    expected: float
    money: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """How many projects went from one risk level to another."""

    before: str
    after: str
    projects: int
    is_worse: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """A project of the last run that is in this one no more."""

    name: Name
    before: float


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since the last run.

    Attributes:
        file: The last run's table.
        key: The column that projects are told apart by.
        compared: Projects that both runs know.
        unnamed: Projects without a name, which can't be compared.
        expected: Failures expected among the compared ones: before, and now.
        risen: How many of them are more likely to fail than before.
        fallen: How many are less likely to.
        crossings: How many went from one level to another.
        most_risen: Those that rose most.
        most_fallen: Those that fell most.
        new: How many are new.
        worst_new: The worst of these.
        gone: How many are gone.
        worst_gone: The worst of these.
    """

    file: Name
    key: Name
    compared: int
    unnamed: int
    expected: Bounds
    risen: int
    fallen: int
    crossings: Sequence[Crossing]
    most_risen: Sequence[Listed]
    most_fallen: Sequence[Listed]
    new: int
    worst_new: Sequence[Listed]
    gone: int
    worst_gone: Sequence[Gone]


@dataclass(frozen=True, slots=True)
class PortfolioReport:
    """What the report of a portfolio shows.

    Attributes:
        tables: The names of the tables' files.
        read: Rows that were read.
        rejected: Rows that could not be scored.
        rejects: The file of rejects.
        projects: Rows that were scored.
        synthetic: Projects that the table marks as made up, and the column that does.
        expected: How many projects are expected to fail.
        by_model: The same at the lower and the upper end of each model range.
        by_answers: The same at the ends of each answers range.
        distribution: How many will fail.
        money: What is at risk, where there is a column of budgets.
        levels: The risk levels, highest first.
        quantiles: For each share of the projects, the probability that it stays below.
        bins: How many projects lie in each of some equal bins of the probability.
        worst: The projects most likely to fail.
        areas: The areas.
        shared: The findings that add to failure, those first whose absence would avoid most.
        protective: The findings that avoid failures, those first that avoid most.
        ends: How projects fail.
        change: What changed since the last run, where there was one.
        answered: The mean share of the questions that have an answer.
        foundation: What the numbers rest on.
    """

    tables: Sequence[Name]
    read: int
    rejected: int
    rejects: Name
    projects: int
    synthetic: int
    synthetic_column: Name | None
    expected: float
    by_model: Bounds
    by_answers: Bounds
    distribution: Distribution | None
    money: Money | None
    levels: Sequence[Level]
    quantiles: Mapping[float, float]
    bins: Sequence[int]
    worst: Sequence[Listed]
    areas: Sequence[Area]
    shared: Sequence[SharedFinding]
    protective: Sequence[SharedFinding]
    ends: Sequence[End]
    change: Change | None
    answered: float
    foundation: Foundation


def portfolio_page(report: PortfolioReport) -> str:
    """Write the report of a portfolio as one HTML file.

    Args:
        report: What it shows.
    """
    # charts take longer to load than most tables to score
    from riskengine.reports.charts import distribution_chart, failure_bars, spread_chart
    from riskengine.reports.page import render

    charts, bars = {}, []
    if report.distribution is not None:
        found = report.distribution
        bars = failure_bars(found.first, found.chances, found.likely)
        charts["failures"] = distribution_chart(bars, report.expected)
        charts["spread"] = spread_chart(report.bins, [level.range[0] for level in report.levels])
    return render("portfolio.html", report=report, charts=charts, bars=bars)
