"""The model file: what history says about the weights, read, checked and applied.

`calibration` writes it. It is JSON, never a pickle; nothing in it is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import mul
from pathlib import Path
from typing import Any

from riskengine.assessment.names import key_of
from riskengine.assessment.score import expit
from riskengine.errors import Problem, ProblemError, Source
from riskengine.pack.json_form import canonical, finite
from riskengine.pack.model import Pack
from riskengine.pack.source import read_bytes

__all__ = [
    "MODEL_SCHEMA",
    "Department",
    "Model",
    "ModelRange",
    "Terms",
    "WideLevel",
    "model_from_json",
    "model_to_json",
    "read_model",
    "rounded",
    "solve_base",
    "terms_of",
]

MODEL_SCHEMA = 1
MAX_MODEL_BYTES = 50_000_000
QUANTILES = 401
Z_90 = 1.645
BETWEEN = 0.7
"""Standard deviation, in log-odds, of what no model of answers explains about a project like this one."""


def rounded(value: float) -> float:
    """Round to 6 significant digits, as model files hold numbers.

    Examples:
        >>> rounded(1234.5678), rounded(0.000123456789)
        (1234.57, 0.000123457)
    """
    return float(f"{value:.6g}")


@dataclass(frozen=True, slots=True)
class Terms:
    """The order in which a model holds its coefficients: intercept, slope, areas, groups of findings.

    Attributes:
        areas: Areas that have a weighed rule, in pack order.
        groups: Groups of weighed rules (a rule without one is its own), in pack order.
        area_of: The area's place of each group.
    """

    areas: tuple[str, ...]
    groups: tuple[str, ...]
    area_of: tuple[int, ...]

    def vector(self, pack: Pack, contributions: Mapping[str, float]) -> list[float]:
        """Give z = [1, sum, sums of areas, sums of groups] of one project's contributions."""
        groups = [math.fsum(contributions[rule.id] for rule in members) for members in pack.groups]
        areas = [0.0] * len(self.areas)
        for place, value in zip(self.area_of, groups, strict=True):
            areas[place] += value
        return [1.0, math.fsum(groups), *areas, *groups]


def terms_of(pack: Pack) -> Terms:
    """Give the order of a pack's coefficients."""
    areas = tuple(dict.fromkeys(members[0].area for members in pack.groups))
    return Terms(
        areas=areas,
        groups=tuple(members[0].group_key for members in pack.groups),
        area_of=tuple(areas.index(members[0].area) for members in pack.groups),
    )


@dataclass(frozen=True, slots=True)
class Department:
    """A department, programme or any other part of the house whose projects share a level.

    Attributes:
        name: Its name as the history first spells it.
        level: By how much the log-odds of its projects differ from those of all.
    """

    name: str
    level: float


@dataclass(frozen=True, slots=True)
class WideLevel:
    """A department's level by the second, wider fit.

    Attributes:
        level: The level, log-odds.
        variance: What it adds to the variance of a project's log-odds.
    """

    level: float
    variance: float


@dataclass(frozen=True, slots=True)
class ModelRange:
    """What is not known about projects like this one: the second, wider fit.

    Attributes:
        base: The constant of its log-odds, what was learned of it included.
        factors: Learned factor of each group, in the order of `Terms`; 1 where nothing was learned.
        variances: Of the coefficients in the order of `Terms`, before any history.
        learnt: What history took from them: each row is a direction in which less is unknown, in the same order, as
            long as the standard deviation that it takes. The covariance of the coefficients is that of independent
            ones with these variances, less the sum of each direction's outer product with itself.
        departments: The level of each known department, by its key.
        other_department: What a department that is not known adds to the variance of a project's log-odds; 0 where
            none is.
    """

    base: float
    factors: tuple[float, ...]
    variances: tuple[float, ...]
    learnt: tuple[tuple[float, ...], ...] = ()
    departments: Mapping[str, WideLevel] = field(default_factory=dict)
    other_department: float = 0.0

    def shifted(self, shift: float) -> ModelRange:
        """Give the range for another base, as a reader's own base rate makes it."""
        return self if shift == 0 else replace(self, base=self.base + shift)

    def of_department(self, key: str | None) -> ModelRange:
        """Give the range for the projects of a department; `None`, and one that is not known, is any other one."""
        if not self.departments:
            return self
        level = self.departments.get(key or "", WideLevel(0.0, self.other_department))
        variances = (self.variances[0] + level.variance, *self.variances[1:])
        return replace(self, base=self.base + level.level, variances=variances)

    def bounds(self, z: Sequence[float]) -> tuple[float, float]:
        """Give the 90 % range of the probability of a project.

        Args:
            z: Its vector, as `Terms.vector` gives it.
        """
        groups = z[len(z) - len(self.factors) :]
        eta = self.base + math.fsum(factor * value for factor, value in zip(self.factors, groups, strict=True))
        unknown = math.fsum(variance * value * value for variance, value in zip(self.variances, z, strict=True))
        known = [math.fsum(map(mul, direction, z)) for direction in self.learnt]
        variance = unknown - math.fsum(value * value for value in known)
        reach = Z_90 * math.sqrt(max(variance, 0.0) + BETWEEN**2)
        return expit(eta - reach), expit(eta + reach)


@dataclass(frozen=True, slots=True)
class Model:
    """A calibration of one pack.

    Attributes:
        name: What it is called in results.
        base: The constant of the log-odds.
        moderation: kappa, by which log-odds are multiplied.
        factors: Learned factor of each weighed rule.
        reference: Quantiles of the reference sample's log-odds less base, at (i + 1/2) / 401.
        range: The wider fit.
        pack: Name, version and meaning_hash of the pack it belongs to.
        trained_on: Rows, studies, hash of the data; `None` for the rules' prior.
        card: What was learned and what each study moved; empty for the prior.
        ends: Share of each end among failures, moved by history; empty where the pack's own shares hold.
        departments: The departments that have a level of their own, by the key of their names; often none.
    """

    name: str
    base: float
    moderation: float
    factors: Mapping[str, float]
    reference: tuple[float, ...]
    range: ModelRange
    pack: Mapping[str, str]
    trained_on: Mapping[str, Any] | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    ends: Mapping[str, float] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """SHA-256 of the file's content without its `hash`."""
        return _hash(model_to_json(self))

    def level_of(self, key: str | None) -> float:
        """Give the level of a department, by the key of its name; 0 for one that is not known, and for none."""
        known = None if key is None else self.departments.get(key)
        return 0.0 if known is None else known.level

    def base_for(self, rate: float) -> float:
        """Solve the base that gives another base rate, on the quantiles of the reference sample.

        Args:
            rate: The base rate wanted, strictly between 0 and 1.

        Raises:
            ProblemError: RE-804 if it is not.
        """
        if not 0 < rate < 1:
            message = f"the base rate {rate:g} is no share of projects"
            raise ProblemError(Problem("RE-804", message, "a number above 0 and below 1, such as 0.4", value=str(rate)))
        return solve_base(self.reference, self.moderation, rate)


def solve_base(log_odds: Sequence[float], moderation: float, rate: float) -> float:
    """Solve the base such that the mean of expit(moderation x (base + log-odds)) is a rate.

    Bisection: the mean rises strictly with the base.

    Args:
        log_odds: Log-odds of a sample, less base.
        moderation: kappa.
        rate: Strictly between 0 and 1.
    """
    low, high = -100.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        mean = math.fsum(expit(moderation * (middle + value)) for value in log_odds) / len(log_odds)
        low, high = (middle, high) if mean < rate else (low, middle)
        if high - low < 1e-13:
            break
    return (low + high) / 2


def model_to_json(model: Model) -> dict[str, Any]:
    """Give the model as JSON data, without its hash."""
    form: dict[str, Any] = {
        "schema": MODEL_SCHEMA,
        "name": model.name,
        "pack": dict(model.pack),
        "base": model.base,
        "moderation": model.moderation,
        "factors": dict(model.factors),
        "reference": list(model.reference),
        "range": {
            "base": model.range.base,
            "factors": list(model.range.factors),
            "variances": list(model.range.variances),
            "learnt": [list(direction) for direction in model.range.learnt],
        },
    }
    if model.trained_on is not None:
        form["trained_on"] = dict(model.trained_on)
    if model.departments:
        wide = model.range
        form["departments"] = {key: {"name": one.name, "level": one.level} for key, one in model.departments.items()}
        form["range"]["departments"] = {
            key: {"level": one.level, "variance": one.variance} for key, one in wide.departments.items()
        }
        form["range"]["other_department"] = wide.other_department
    if model.ends:
        form["ends"] = dict(model.ends)
    if model.card:
        form["card"] = dict(model.card)
    return form


def _hash(form: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical({key: value for key, value in form.items() if key != "hash"})).hexdigest()


def read_model(path: Path, pack: Pack, meaning_hash: str) -> Model:
    """Read a model file and make sure that it belongs to a pack.

    Args:
        path: The file.
        pack: The pack in use.
        meaning_hash: Its `meaning_hash`.

    Raises:
        ProblemError: RE-308 if it can't be read, RE-602 if it is damaged or of a newer schema, RE-601 if it
            belongs to another pack.
    """
    content = read_bytes(path, limit=MAX_MODEL_BYTES, code="RE-308")
    source = Source(str(path))

    def damaged(reason: str, help: str) -> ProblemError:
        return ProblemError(Problem("RE-602", f"this is no usable model file: {reason}", help, source))

    again = "train it again with `riskengine model train`"
    try:
        form = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise damaged(f"not valid JSON ({error})", again) from None
    if not isinstance(form, dict) or "schema" not in form:
        raise damaged("it has no `schema`", again)
    if form["schema"] != MODEL_SCHEMA:
        raise damaged(f"its schema is not {MODEL_SCHEMA}", "use the riskengine that wrote it, or train again")
    try:
        whole = form.get("hash") == _hash(form)
        belongs = {str(key): str(value) for key, value in form["pack"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(f"{type(error).__name__} {error}", again) from None
    if not whole:
        raise damaged("its hash does not fit its content: it was changed or cut off", again)
    if belongs.get("meaning_hash") != meaning_hash:
        named = f"{belongs.get('name')} {belongs.get('version')}"
        message = f"this model was trained for another pack or another state of it ({named})"
        help = f"train one for {pack.name} {pack.version}, or use `--model none`"
        raise ProblemError(Problem("RE-601", message, help, source))
    try:
        return model_from_json(form, pack)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise damaged(f"{type(error).__name__} {error}", again) from None


def model_from_json(form: Mapping[str, Any], pack: Pack) -> Model:
    """Build a model from its JSON data.

    Args:
        form: The data.
        pack: The pack it is for.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: if a part is missing, of a wrong type or length.
    """
    from riskengine.assessment.model_story import check_story

    terms = terms_of(pack)
    size = 2 + len(terms.areas) + len(terms.groups)
    factors = {rule.id: finite(form["factors"][rule.id]) for rule in pack.weighed_rules}
    reference = tuple(finite(value) for value in form["reference"])
    wide = tuple(finite(value) for value in form["range"]["factors"])
    variances = tuple(finite(value) for value in form["range"]["variances"])
    learnt = tuple(tuple(finite(value) for value in direction) for direction in form["range"]["learnt"])
    fits = (
        len(reference) == QUANTILES
        and len(wide) == len(terms.groups)
        and {len(variances), *map(len, learnt)} == {size}
        and min((*factors.values(), *wide, *variances), default=0.0) >= 0
    )
    if not fits:
        raise ValueError("its parts do not fit together")
    moderation = finite(form["moderation"])
    if not 0 < moderation <= 1:
        raise ValueError("moderation out of range")
    trained_on, card = form.get("trained_on"), form.get("card", {})
    if not isinstance(card, dict) or not (trained_on is None or isinstance(trained_on, dict)):
        raise ValueError("its card is no mapping")
    check_story(trained_on, card, pack)
    ends = {str(end): finite(share) for end, share in form.get("ends", {}).items()}
    if ends and not (ends.keys() == {end.id for end in pack.ends} and min(ends.values()) > 0):
        raise ValueError("its ends are not those of the pack")
    departments, levels, other = _departments(form)
    return Model(
        name=str(form["name"]),
        base=finite(form["base"]),
        moderation=moderation,
        factors=factors,
        reference=reference,
        range=ModelRange(finite(form["range"]["base"]), wide, variances, learnt, levels, other),
        pack={str(key): str(value) for key, value in form["pack"].items()},
        trained_on=trained_on,
        card=card,
        ends=ends,
        departments=departments,
    )


def _departments(form: Mapping[str, Any]) -> tuple[Mapping[str, Department], Mapping[str, WideLevel], float]:
    there, wide = form.get("departments", {}), form["range"].get("departments", {})
    departments = {
        str(key): Department(_name_with(key, one["name"]), finite(one["level"])) for key, one in there.items()
    }
    levels = {str(key): WideLevel(finite(one["level"]), finite(one["variance"])) for key, one in wide.items()}
    other = finite(form["range"].get("other_department", 0.0))
    if departments.keys() != levels.keys() or min((other, *(one.variance for one in levels.values()))) < 0:
        raise ValueError("its departments do not fit together")
    return departments, levels, other


def _name_with(key: str, name: str) -> str:
    if not name or key_of(name) != key:
        raise ValueError("a department has another name than its key")
    return name
