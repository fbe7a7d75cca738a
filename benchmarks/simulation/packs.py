"""Made-up packs of 60 findings in 10 areas, written as YAML and built as any pack of rules is."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.random import Generator
from numpy.typing import NDArray

from riskengine.assessment.build import build
from riskengine.assessment.model_file import solve_base
from riskengine.calibration.arms import Reference, reference_of
from riskengine.pack.read import read_pack

__all__ = ["AREAS", "COHERENCE", "FINDINGS", "FloatArray", "MadeUp", "draw_pack"]

FloatArray = NDArray[np.float64]

FINDINGS, AREAS = 60, 10
COHERENCE, SPREAD = 0.2, 1.1
PROTECTIVE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class MadeUp:
    """What the rules say.

    Attributes:
        weight: Scaled log-odds of each finding, below zero for a protective one; shape (J,).
        share: In which share of projects each finding is expected; shape (J,).
        centre: In which share of the reference sample it counts; shape (J,).
        area: Each finding's area, a number; shape (J,).
        rate: The base rate.
        base: The constant with which the mean over the reference sample is the base rate, without moderation.
        reference: The built pack with its reference sample.
    """

    weight: FloatArray
    share: FloatArray
    centre: FloatArray
    area: NDArray[np.int64]
    rate: float
    base: float
    reference: Reference

    def contributions(self, findings: FloatArray) -> FloatArray:
        """Contributions of projects, log-odds; shape (n, J)."""
        return (findings - self.centre) * self.weight

    def log_odds(self, findings: FloatArray) -> FloatArray:
        """Log-odds of failure by the rules alone; shape (n,)."""
        return self.base + self.contributions(findings).sum(axis=1)


def draw_pack(chance: Generator) -> MadeUp:
    """Draw a pack: log-normal weights, one in five protective, and build it."""
    size = np.exp(chance.normal(0.0, 0.6, FINDINGS))
    weight = size * np.where(chance.random(FINDINGS) < PROTECTIVE, -1.0, 1.0)
    share = chance.beta(2.0, 4.0, FINDINGS).clip(0.03, 0.97)
    area = np.repeat(np.arange(AREAS), FINDINGS // AREAS)
    rate = float(chance.uniform(0.2, 0.5))
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _files(weight, share, area, rate).items():
            Path(folder, name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        built = build(read_pack(Path(folder)))
    reference = reference_of(built)
    centre = np.array([built.centre.expected[rule.id] for rule in built.pack.weighed_rules])
    base = solve_base(reference.X.sum(axis=1).tolist(), 1.0, rate)
    return MadeUp(built.centre.scale * weight, share, centre, area, rate, base, reference)


def _files(weight: FloatArray, share: FloatArray, area: NDArray[np.int64], rate: float) -> dict[str, dict[str, Any]]:
    head = {
        "name": "made-up",
        "version": "1",
        "licence": "Apache-2.0",
        "base_rate": {"value": rate},
        "spread": {"value": SPREAD},
        "coherence": {"value": COHERENCE},
        "ends": {"cancelled": {"share": 1.0, "title": "Cancelled"}},
        "risk_levels": {"low": {"from": 0, "title": "Low"}, "high": {"from": 0.5, "title": "High"}},
        "areas": {f"area_{number}": f"Area {number}" for number in range(AREAS)},
        "phases": ["planning"],
    }
    columns = list(enumerate(zip(weight.tolist(), share.tolist(), area.tolist(), strict=True)))
    questions = [_question(number, *column) for number, column in columns]
    rules = [
        {
            "id": f"finding-{number}",
            "area": f"area_{of}",
            "title": f"Finding {number}",
            "when": {f"question_{number}": "yes"},
            "weight": weighs,
        }
        for number, (weighs, _, of) in columns
    ]
    return {"pack.yaml": head, "questions.yaml": {"questions": questions}, "rules.yaml": {"rules": rules}}


def _question(number: int, weight: float, share: float, area: int) -> dict[str, Any]:
    return {
        "id": f"question_{number}",
        "area": f"area_{area}",
        "phase": "planning",
        "text": f"Is finding {number} the case?",
        "help": "Look.",
        "type": "yes_no",
        "worse": "yes" if weight > 0 else "no",
        "shares": {"no": 1.0 - share, "yes": share},
        "change": "low",
    }
