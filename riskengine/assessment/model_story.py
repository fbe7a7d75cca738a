"""What a model file says of itself, checked: what it was trained on, and what each study, area and finding moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from riskengine.pack.model import Pack

__all__ = ["check_story"]

Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    # what a later version adds is let through
    model_config = ConfigDict(strict=True, extra="allow")


class _Selection(_Part):
    true_rate: Share


class _LeftOut(_Part):
    reason: str
    rows: int


class _TrainedOn(_Part):
    rows: int
    own_projects: Number
    own_failed: Number | None = None
    published_projects: Number
    studies: list[str]
    history_sha256: str
    period: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    selection: _Selection | None = None
    intercept_sd: Number | None = None
    synthetic_projects: Number | None = None
    hindsight: int | None = None
    left_out: list[_LeftOut] = []
    departments: int | None = None


class _Moved(_Part):
    rule: str
    before: Number = Field(alias="from")
    after: Number = Field(alias="to")


class _Study(_Part):
    study: str
    failed: Number
    of: Number
    counted_as: Number
    moved: list[_Moved]


class _Learned(_Part):
    factor: Number
    prior_sd: Number
    sd: Number
    learnt: bool


class _Area(_Learned):
    area: str


class _Factor(_Learned):
    rule: str
    weight: Number


class _Department(_Part):
    department: str
    projects: Number
    failed: Number
    level: Number
    sd: Number
    learnt: bool


class _DepartmentSd(_Part):
    before: Number
    now: Number


class _Card(_Part):
    studies: list[_Study]
    areas: list[_Area]
    factors: list[_Factor]
    departments: list[_Department] = []
    department_sd: _DepartmentSd | None = None


def check_story(trained_on: Mapping[str, Any] | None, card: Mapping[str, Any], pack: Pack) -> None:
    """Check what a model file says of itself, so that whoever shows it can rely on its shape.

    Args:
        trained_on: What it was trained on; `None` for rules without history, which have no card.
        card: What was learned.
        pack: The pack that its areas and rules belong to.

    Raises:
        ValueError: A part is missing, of a wrong type, or about an area or a rule that the pack does not have.
    """
    if trained_on is None:
        return
    try:
        _TrainedOn.model_validate(trained_on)
        read = _Card.model_validate(card)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    _check_names({one.area for one in read.areas}, {area for area, _ in pack.areas}, "area")
    rules = {one.rule for one in read.factors} | {one.rule for study in read.studies for one in study.moved}
    _check_names(rules, {rule.id for rule in pack.weighed_rules}, "rule")


def _check_names(named: set[str], there: set[str], what: str) -> None:
    if odd := sorted(named - there):
        raise ValueError(f"the pack has no {what} `{odd[0][:40]}` that its card names")
