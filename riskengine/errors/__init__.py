"""The catalogue of codes, and what a problem is; every layer may use it."""

from riskengine.errors.catalogue import CATALOGUE, Entry
from riskengine.errors.problem import Problem, ProblemError, RiskEngineError, Source, nearest, shorten

__all__ = ["CATALOGUE", "Entry", "Problem", "ProblemError", "RiskEngineError", "Source", "nearest", "shorten"]
