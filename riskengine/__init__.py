"""riskengine says whether a machine-learning project is going to fail, why, and what to do about it.

>>> import riskengine
>>> riskengine.assess({"project_kind": "trained_model"}).risk_level  # doctest: +SKIP
'high'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskengine.assessment.assess import assess
    from riskengine.assessment.build import BuiltPack, load_pack
    from riskengine.assessment.result import Assessment
    from riskengine.errors import Problem, ProblemError, RiskEngineError
    from riskengine.logic.conditions import NOT_APPLICABLE
    from riskengine.portfolio.frames import score

__version__ = "0.1.0"

__all__ = [
    "NOT_APPLICABLE",
    "Assessment",
    "BuiltPack",
    "Problem",
    "ProblemError",
    "RiskEngineError",
    "__version__",
    "assess",
    "load_pack",
    "score",
]

_HOME = {
    "NOT_APPLICABLE": "riskengine.logic.conditions",
    "Assessment": "riskengine.assessment.result",
    "BuiltPack": "riskengine.assessment.build",
    "Problem": "riskengine.errors",
    "ProblemError": "riskengine.errors",
    "RiskEngineError": "riskengine.errors",
    "assess": "riskengine.assessment.assess",
    "load_pack": "riskengine.assessment.build",
    "score": "riskengine.portfolio.frames",
}


def __getattr__(name: str) -> Any:
    # loaded where used: the command line's help needs none of it
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
