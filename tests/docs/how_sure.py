"""Where every figure of `docs/how-sure.md` comes from; run as a script it prints them, `--write` renews the page."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import yaml
from marked_numbers import mended

import riskengine
from riskengine.assessment.build import WIDE_SDS, Sds, load_pack
from riskengine.assessment.model_file import BETWEEN
from riskengine.assessment.reference import SAMPLE_SIZE
from riskengine.assessment.score import expit

__all__ = ["PAGE", "values"]

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-sure.md"


def values() -> dict[str, Any]:
    """Read or work out every figure of the page, by its name there."""
    return {**_evidence(), **_rules(), **_model(), **_nothing_answered(), **_assumed()}


def _evidence() -> dict[str, Any]:
    evidence = yaml.safe_load((ROOT / "data" / "evidence.yaml").read_text("utf-8"))
    prior, software = evidence["priors"]["ai"], evidence["priors"]["software"]
    stopped, unintended, unused, overrun = (step["share"] for step in prior["steps"])
    found = {f"step[{number}]": step["share"] for number, step in enumerate(prior["steps"], start=1)}
    found["sum_of_steps"] = stopped * unintended + (1 - stopped) * (unused + overrun)
    for name, one in (("base_rate", prior), ("software", software)):
        found |= {name: one["value"], f"{name}_low": one["low"], f"{name}_high": one["high"]}
    found["figures"] = len(evidence["figures"])
    found["left_out"] = len(evidence["left_out"])
    return found


def _rules() -> dict[str, Any]:
    pack = load_pack().pack
    weighed = pack.weighed_rules
    return {
        "rules": len(weighed),
        "effect": sum(rule.basis == "effect" for rule in weighed),
        "judgement": sum(rule.basis == "judgement" for rule in weighed),
        "spread": pack.spread,
        "sample": SAMPLE_SIZE,
        "pack_base_rate": pack.base_rate.value,
    }


def _model() -> dict[str, Any]:
    built = load_pack()
    model = built.model
    assert model is not None and model.trained_on is not None
    factors = [one["factor"] for one in model.card["factors"]] or [1.0]
    found: dict[str, Any] = {
        "published": model.trained_on["published_projects"],
        "own": model.trained_on["own_projects"],
        "least_factor": min(factors),
        "most_factor": max(factors),
        "kappa": model.moderation,
    }
    for study in model.card["studies"]:
        name = study["study"]
        found |= {f"failed[{name}]": study["failed"], f"of[{name}]": study["of"]}
        found[f"counted as[{name}]"] = study["counted_as"]
    with (ROOT / "data" / "outcomes.csv").open(encoding="utf-8", newline="") as table:
        found["rows"] = sum(1 for _ in csv.DictReader(table))
    ordinary = sorted(expit(model.moderation * (model.base + value)) for value in model.reference)
    found["p05"], found["p95"] = (ordinary[round(part * (len(ordinary) - 1))] for part in (0.05, 0.95))
    return found


def _nothing_answered() -> dict[str, Any]:
    empty = riskengine.assess({}, explain=False)
    low, high = empty.range.answers
    return {
        "p_empty": empty.probability,
        "answers_low": low,
        "answers_high": high,
        "model_low": empty.range.model[0],
        "model_high": empty.range.model[1],
    }


def _assumed() -> dict[str, Any]:
    def named(name: str, sds: Sds) -> dict[str, float]:
        parts = ("intercept", "slope", "area", "finding")
        return {f"{name}[{part}]": getattr(sds, part) for part in parts}

    return {**named("wide_sd", WIDE_SDS), "between": BETWEEN}


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(mended(PAGE.read_text("utf-8"), values()), "utf-8")
    for name, value in values().items():
        sys.stdout.write(f"{name:32} {value:.6g}\n")
