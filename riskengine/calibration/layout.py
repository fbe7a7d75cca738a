"""Which area and group each column of contributions belongs to, and the matrices that follow from it."""
# ruff: noqa: N803  (matrices are X and Z, as in scikit-learn)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Layout", "design_matrix", "indicators", "layout_of"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which area and which group each column of contributions belongs to.

    Attributes:
        areas: The areas' names, in order of first appearance.
        groups: The groups' names, in order of first appearance; a finding without a group is its own.
        area_of: For each column, the place of its area in `areas`.
        group_of: For each column, the place of its group in `groups`.
    """

    areas: tuple[str, ...]
    groups: tuple[str, ...]
    area_of: tuple[int, ...]
    group_of: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """How many coefficients stand on each level: intercept, slope, areas, groups."""
        return 1, 1, len(self.areas), len(self.groups)


def layout_of(finding_areas: Iterable[str], finding_groups: Iterable[str]) -> Layout:
    """Number the areas and groups of the columns.

    Args:
        finding_areas: Area of each column, J names.
        finding_groups: Group of each column, J names.

    Returns:
        The layout; names stand in order of first appearance, so a pack's order is kept.

    Raises:
        ValueError: The two differ in length.

    Examples:
        >>> layout_of(["team", "data", "team"], ["size", "labels", "size"])
        Layout(areas=('team', 'data'), groups=('size', 'labels'), area_of=(0, 1, 0), group_of=(0, 1, 0))
    """
    of_area, of_group = tuple(finding_areas), tuple(finding_groups)
    if len(of_area) != len(of_group):
        raise ValueError(f"{len(of_area)} areas, but {len(of_group)} groups: both name every column once")
    areas, groups = tuple(dict.fromkeys(of_area)), tuple(dict.fromkeys(of_group))
    return Layout(areas, groups, tuple(map(areas.index, of_area)), tuple(map(groups.index, of_group)))


def design_matrix(X: FloatArray, layout: Layout) -> FloatArray:
    """Build the rows z = [1, sum of X, its sums by area, its sums by group] of projects without a study.

    Args:
        X: Contributions, log-odds; shape (n, J).
        layout: Areas and groups of the J columns.

    Returns:
        The matrix Z that coefficients and covariance belong to; shape (n, q).

    Examples:
        >>> design_matrix(np.array([[0.5, -0.25, 1.0]]), layout_of("ttd", "xyz")).tolist()
        [[1.0, 1.25, 0.25, 1.0, 0.5, -0.25, 1.0]]
    """
    by_area = X @ np.eye(len(layout.areas))[list(layout.area_of)]
    by_group = X @ np.eye(len(layout.groups))[list(layout.group_of)]
    return np.column_stack([np.ones(len(X)), X.sum(axis=1), by_area, by_group])


def indicators(names_of_rows: Sequence[str | None]) -> tuple[tuple[str, ...], FloatArray]:
    """Build one indicator column for each study, or for each department.

    Args:
        names_of_rows: The study or department of each row, `None` where it is of none.

    Returns:
        The names, sorted, and the indicators; shape (n, names).
    """
    names = tuple(sorted({name for name in names_of_rows if name is not None}))
    place_of = {name: place for place, name in enumerate(names)}
    places = [len(names) if name is None else place_of[name] for name in names_of_rows]
    # The last row, of those without one, lies below the diagonal: all zeros.
    return names, np.eye(len(names) + 1, len(names))[np.array(places, int)]
