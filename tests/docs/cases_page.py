"""Where every figure of `docs/cases.md` comes from; run as a script it prints them, `--write` renews the page.

The rules' own weights are used, without a trained model: nothing is fitted to the cases.
"""

from __future__ import annotations

import math
import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml
from marked_numbers import mended

import riskengine
from riskengine.assessment.answers import read_answers
from riskengine.calibration.evaluation.measures import auc_interval

__all__ = ["PAGE", "auc", "auc_interval", "renewed", "values"]

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cases.md"
FOLDER = ROOT / "data" / "cases"
ROWS = re.compile(r"(?<=<!--table-->\n)(\|.*\n\|.*\n)((?:\|.*\n)*)")
DRAWS = 20


@dataclass(frozen=True)
class Case:
    """One documented project.

    Attributes:
        name: Its name, that of its files.
        failed: Whether it failed.
        end: How it failed; empty if it did not.
        kind: The kind of project.
        day_one: The answers that could be known on the day that it is coded for.
        every: All answers.
    """

    name: str
    failed: bool
    end: str
    kind: str
    day_one: Mapping[str, Any]
    every: Mapping[str, Any]

    @property
    def p_day_one(self) -> float:
        """The probability on day one's answers."""
        return _probability(self.day_one)

    @property
    def p_every(self) -> float:
        """The probability on all answers."""
        return _probability(self.every)


def _probability(answers: Mapping[str, Any]) -> float:
    return riskengine.assess(dict(answers), model="none", explain=False).probability


def cases() -> list[Case]:
    """Read all cases, in the order of their names."""
    pack = riskengine.load_pack().pack
    found = []
    for path in sorted(FOLDER.glob("*.sources.yaml")):
        about = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
        answers = read_answers(FOLDER / f"{about['case']}.yaml", pack).values
        known = {question for question, coded in about["coded"].items() if coded["known"] == "day_one"}
        day_one = {question: value for question, value in answers.items() if question in known}
        kind = str(answers.get("project_kind", "not known"))
        failed = about["outcome"] == "failed"
        found.append(Case(about["case"], failed, about.get("end", ""), kind, day_one, answers))
    return found


def auc(failed: Sequence[float], succeeded: Sequence[float]) -> float:
    """Give the share of pairs in which the failed project has the higher probability; ties count half."""
    wins = (1.0 if one > other else 0.5 if one == other else 0.0 for one in failed for other in succeeded)
    return math.fsum(wins) / (len(failed) * len(succeeded))


def values() -> dict[str, Any]:
    """Read or work out every figure of the page, by its name there."""
    every = cases()
    base = riskengine.load_pack().pack.base_rate.value
    found: dict[str, Any] = {"cases": len(every), "base_rate": base, "draws": DRAWS}
    found["failed"] = sum(case.failed for case in every)
    found["succeeded"] = len(every) - found["failed"]
    for which in ("day_one", "every"):
        found[f"answers[{which}]"] = fmean(len(getattr(case, which)) for case in every)
        found |= _ranked(every, which, which)
        for population in ("software", "model"):
            of_it = [case for case in every if (case.kind == "plain_software") == (population == "software")]
            found |= _ranked(of_it, which, f"{population}-{which}")
    for case in every:
        found |= {f"kind[{case.name}]": case.kind, f"end[{case.name}]": case.end or "succeeded"}
        found |= {f"day one[{case.name}]": len(case.day_one), f"% on day one[{case.name}]": 100 * case.p_day_one}
        found |= {f"all[{case.name}]": len(case.every), f"% on all[{case.name}]": 100 * case.p_every}
    return found | _blanked(every, base) | _eight(every)


def _ranked(some: Sequence[Case], which: str, name: str) -> dict[str, Any]:
    lost = [getattr(case, f"p_{which}") for case in some if case.failed]
    kept = [getattr(case, f"p_{which}") for case in some if not case.failed]
    area = auc(lost, kept)
    low, high = auc_interval(area, len(lost), len(kept))
    return {
        f"n_failed[{name}]": len(lost),
        f"n_succeeded[{name}]": len(kept),
        f"auc[{name}]": area,
        f"auc_low[{name}]": low,
        f"auc_high[{name}]": high,
        f"mean_failed[{name}]": fmean(lost),
        f"mean_succeeded[{name}]": fmean(kept),
    }


def renewed(page: str, found: Mapping[str, Any]) -> str:
    """Give the page with a row for each case, and the right numbers everywhere."""
    rows = "".join(f"| `{name}` | {case} | x | 0 | 0 | 0 | 0 |\n" for name, case in _names(found))
    return mended(ROWS.sub(lambda table: table[1] + rows, page), found)


def _names(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key[5:-1], str(value)) for key, value in found.items() if key.startswith("kind[")]


def _blanked(every: Sequence[Case], base: float) -> dict[str, float]:
    chance = random.Random(4)
    whole = [abs(case.p_every - base) for case in every]
    halves = []
    for case in every:
        names = sorted(case.every)
        drawn = [chance.sample(names, len(names) // 2) for _ in range(DRAWS)]
        halves.append(abs(fmean(_probability({name: case.every[name] for name in some}) for some in drawn) - base))
    return {"distance_whole": fmean(whole), "distance_half": fmean(halves)}


def _eight(every: Sequence[Case]) -> dict[str, float]:
    chance = random.Random(8)
    found = []
    for case in every:
        names = sorted(case.every)
        for _ in range(DRAWS):
            some = chance.sample(names, min(8, len(names)))
            found.append(_probability({name: case.every[name] for name in some}))
    return {"eight_most": max(found), "eight_least": min(found)}


if __name__ == "__main__":
    figures = values()
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(renewed(PAGE.read_text("utf-8"), figures), "utf-8")
    for name, value in figures.items():
        sys.stdout.write(f"{name:44} {value if isinstance(value, str) else f'{value:.4g}'}\n")
