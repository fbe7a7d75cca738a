"""Coverage as data, for other programs."""

from __future__ import annotations

from typing import Any

from riskengine.authoring.coverage.measure import Coverage, Uncounted
from riskengine.authoring.notation import said

__all__ = ["coverage_data"]


def coverage_data(coverage: Coverage) -> dict[str, Any]:
    """Give the JSON object of `riskengine rules coverage --json`.

    Args:
        coverage: What was measured.
    """
    return {
        "name": coverage.pack.name,
        "version": coverage.pack.version,
        "counted": coverage.counted,
        "total": _shares(coverage),
        "files": [{"file": file, **_shares(coverage.of_file(file))} for file in coverage.files],
        "missing": _missing(coverage),
        "uncounted": [_uncounted(one) for one in coverage.uncounted],
    }


def _shares(part: Coverage) -> dict[str, Any]:
    states = {state: part.rules_in(state) for state in ("fires", "ruled_out", "possible")}
    return {
        name: {"covered": share.covered, "total": share.total, "percent": round(share.percent, 2)}
        for name, share in {**part.shares, **states}.items()
    }


def _missing(coverage: Coverage) -> dict[str, Any]:
    rules = [
        {"rule": one.rule.id, "state": state, "source": one.rule.source.as_json()}
        for one in coverage.rules
        for state in ("fires", "ruled_out")
        if state not in one.states
    ]
    disjuncts = [
        {"rule": one.rule.id, "disjunct": said(part.disjunct.condition).strip("`"), "source": part.source.as_json()}
        for one in coverage.rules
        for part in one.disjuncts
        if not part.covered
    ]
    levels = [
        {"question": one.question.id, "level": one.level, "source": one.source.as_json()}
        for one in coverage.levels
        if not one.covered
    ]
    return {"rules": rules, "disjuncts": disjuncts, "levels": levels}


def _uncounted(one: Uncounted) -> dict[str, Any]:
    return {
        "name": one.test.name,
        "source": one.test.source.as_json(),
        "reason": "fails" if one.question is None else "not_asked" if not one.gates else "open_gate",
        "question": one.question,
        "gates": list(one.gates),
    }
