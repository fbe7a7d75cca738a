"""The worked example computed plainly: the pack's YAML read as text, and the formulas written out once more.

It shares no code with `riskengine` and takes the shortest way to each number, so it serves small packs only: choices,
numbers, ratios, and conditions of `all`, `not` and tests with `above` or a single word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Example", "reference"]

YES, NO, OPEN = "yes", "no", "open"
WORDS = {YES: "fires", NO: "ruled out", OPEN: "possible"}
SDS = {"intercept": 0.5, "slope": 0.3, "area": 0.25, "finding": 0.5}
BETWEEN = 0.7
WIDE = {"intercept": 0.7, "slope": 0.4, "area": 0.3, "finding": 0.8}


def read(path: Path) -> Any:
    """Read YAML as it stands: every scalar is text."""
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader)


def expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


class Example:
    """One pack and one project's answers; missing answers are unknown, `n/a` does not apply."""

    def __init__(self, folder: Path, answers: Mapping[str, str]) -> None:
        head = read(folder / "pack.yaml")
        questionnaire = read(folder / "questionnaire.yaml")
        self.rules = read(folder / "rules.yaml")["rules"]
        self.questions = questionnaire["questions"]
        self.base_rate = float(head["base_rate"]["value"])
        self.spread = float(head["spread"]["value"])
        self.ends = {end: float(said["share"]) for end, said in head["ends"].items()}
        self.levels = {level: float(said["from"]) for level, said in head["risk_levels"].items()}
        self.areas = list(dict.fromkeys(rule["area"] for rule in self.rules))
        self.groups = list(dict.fromkeys(rule.get("group", rule["id"]) for rule in self.rules))
        self.quantities = {one["id"]: one["ratio"] for one in questionnaire["quantities"]}
        self.weight = {rule["id"]: float(rule["weight"]) for rule in self.rules}
        self.answers = answers

    # --- states ---------------------------------------------------------------------------------------------

    def value(self, about: str) -> str | float:
        """Give a question's answer or a quantity's number."""
        if about not in self.quantities:
            return self.answers.get(about, OPEN)
        upper, lower = (self.value(part) for part in self.quantities[about])
        return OPEN if OPEN in (upper, lower) else float(upper) / float(lower)

    def test(self, about: str, wanted: Any) -> str:
        value = self.value(about)
        if value == OPEN:
            return OPEN
        if value == "n/a":
            return NO
        if isinstance(wanted, str):
            return YES if value == wanted else NO
        return YES if float(value) > float(wanted["above"]) else NO

    def condition(self, when: Any) -> str:
        if isinstance(when, str):
            return self.conclusion(when)
        parts = []
        for key, part in when.items():
            if key == "all":
                parts += [self.condition(one) for one in part]
            elif key == "not":
                parts.append({YES: NO, NO: YES, OPEN: OPEN}[self.condition(part)])
            else:
                parts.append(self.test(key, part))
        return NO if NO in parts else OPEN if OPEN in parts else YES

    def conclusion(self, name: str) -> str:
        found = [self.condition(rule["when"]) for rule in self.rules if rule.get("concludes") == name]
        return YES if YES in found else OPEN if OPEN in found else NO

    def states(self) -> dict[str, str]:
        return {rule["id"]: self.condition(rule["when"]) for rule in self.rules}

    # --- numbers --------------------------------------------------------------------------------------------

    def group_of(self, rule: str) -> str:
        return next(one.get("group", rule) for one in self.rules if one["id"] == rule)

    def heavier(self, rule: str) -> list[str]:
        """Give the heavier rules of a rule's group."""
        return [
            other
            for other in self.weight
            if self.group_of(other) == self.group_of(rule) and abs(self.weight[other]) > abs(self.weight[rule])
        ]

    def counted(self, f: Mapping[str, float]) -> dict[str, float]:
        """Give y = f x product of (1 - f) over the heavier ones."""
        return {rule: f[rule] * math.prod(1 - f[other] for other in self.heavier(rule)) for rule in self.weight}

    def known(self, states: Mapping[str, str], open_risk: float, open_protection: float) -> dict[str, float]:
        """Give f, with a value for risks and one for protections that are open."""
        guess = {rule: open_risk if weight > 0 else open_protection for rule, weight in self.weight.items()}
        return {rule: {YES: 1.0, NO: 0.0, OPEN: guess[rule]}[state] for rule, state in states.items()}

    def shares(self, c: Mapping[str, float]) -> dict[str, float]:
        """Give s, by which a possible finding counts so that it adds nothing."""
        s: dict[str, float] = {}
        for rule in sorted(self.weight, key=lambda one: -abs(self.weight[one])):
            s[rule] = min(1.0, c[rule] / math.prod(1 - s[other] for other in self.heavier(rule)))
        return s

    def sums(self, parts: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
        """Add up by area and by group."""
        areas = {area: sum(parts[rule["id"]] for rule in self.rules if rule["area"] == area) for area in self.areas}
        groups = {group: sum(parts[rule] for rule in parts if self.group_of(rule) == group) for group in self.groups}
        return areas, groups

    def variance(self, parts: Mapping[str, float], sds: Mapping[str, float]) -> float:
        """Give z' S z for S the diagonal of the prior: 1, the sum, the areas and the groups."""
        areas, groups = self.sums(parts)
        return (
            sds["intercept"] ** 2
            + sds["slope"] ** 2 * sum(parts.values()) ** 2
            + sds["area"] ** 2 * sum(value**2 for value in areas.values())
            + sds["finding"] ** 2 * sum(value**2 for value in groups.values())
        )

    def numbers(self, c: Mapping[str, float], scale: float, base: float, kappa: float) -> dict[str, Any]:
        """Give every number of the page, by its name there; tables as mappings by row and column."""
        states = self.states()
        s = self.shares(c)
        f = {rule: {YES: 1.0, NO: 0.0, OPEN: s[rule]}[state] for rule, state in states.items()}
        y = self.counted(f)
        weights = {rule: scale * weight for rule, weight in self.weight.items()}
        contribution = {rule: weights[rule] * (y[rule] - c[rule]) for rule in weights}
        shown = sum(contribution[rule] for rule in states if states[rule] != NO)
        not_shown = sum(contribution[rule] for rule in states if states[rule] == NO)
        log_odds = base + shown + not_shown
        p = expit(kappa * log_odds)
        best = self.counted(self.known(states, 0.0, 1.0))
        worst = self.counted(self.known(states, 1.0, 0.0))
        at_best = {rule: weights[rule] * (best[rule] - c[rule]) for rule in weights}
        at_worst = {rule: weights[rule] * (worst[rule] - c[rule]) for rule in weights}
        areas, groups = self.sums(contribution)
        leads = {rule["id"]: rule["leads_to"] for rule in self.rules}
        for_end = {
            end: {rule: contribution[rule] / len(leads[rule]) if end in leads[rule] else 0.0 for rule in leads}
            for end in self.ends
        }
        pull = {end: math.log(share) + sum(for_end[end].values()) for end, share in self.ends.items()}
        split = {end: p * math.exp(pull[end]) / sum(math.exp(one) for one in pull.values()) for end in self.ends}
        positive = sum(max(score, 0) for score in areas.values())
        without = {group: expit(kappa * (log_odds - part)) for group, part in groups.items()}
        v = self.variance(contribution, WIDE)
        reach = 1.645 * math.sqrt(v + BETWEEN**2)
        sum_low, sum_high = sum(at_best.values()), sum(at_worst.values())
        return {
            "rules": len(self.rules),
            "questions": len(self.questions),
            "base_rate": self.base_rate,
            "spread": self.spread,
            "scale": scale,
            "base": base,
            "kappa": kappa,
            "people": float(self.answers["people"]),
            "work": float(self.answers["work"]),
            "months": self.value("months"),
            **_named("c", c),
            **_named("s", s),
            **_named("y", y),
            **_named("weight", self.weight),
            **_named("W", weights),
            **_named("contribution", contribution),
            **_named("f", f),
            "shown": shown,
            "not_shown": not_shown,
            "sum": shown + not_shown,
            "log_odds": log_odds,
            "p": p,
            "sum_low": sum_low,
            "sum_high": sum_high,
            "answers_low": expit(kappa * (base + sum_low)),
            "answers_high": expit(kappa * (base + sum_high)),
            **_named("share", self.ends),
            **_named("pull", pull),
            **_named("end", split),
            **_named("score", areas),
            **_named("share of the risk", {area: max(value, 0) / positive for area, value in areas.items()}),
            **_named("group", groups),
            **_named("its sum", groups),
            **_named("without", without),
            **_named("effect", {group: 100 * (p - value) for group, value in without.items()}),
            **_named("sd", WIDE),
            "between": BETWEEN,
            "areas_squared": sum(value**2 for value in areas.values()),
            "groups_squared": sum(value**2 for value in groups.values()),
            "v": v,
            "reach": reach,
            "model_low": expit(log_odds - reach),
            "model_high": expit(log_odds + reach),
            "risk_level": [level for level, start in self.levels.items() if start <= p][-1],
            **_named("state", {rule: WORDS[state] for rule, state in states.items()}),
            **_named("best y", best),
            **_named("worst y", worst),
            **_named("best", at_best),
            **_named("worst", at_worst),
            **{key: value for end in for_end for key, value in _named(end, for_end[end]).items()},
            **_named("answer", {one["id"]: self.answers.get(one["id"], "not known") for one in self.questions}),
            **_named("holds", dict(self.tests())),
            **_named("conclusion", dict(self.conclusions())),
        }

    def tests(self) -> Iterator[tuple[str, str]]:
        """Give every test as the file has it, and whether it holds."""
        for rule in self.rules:
            when = rule["when"]
            for about, wanted in {**when, **when.get("not", {})}.items():
                if about not in ("all", "not"):
                    shown = wanted if isinstance(wanted, str) else f"{{above: {wanted['above']}}}"
                    yield f"{about}: {shown}", {YES: "yes", NO: "no", OPEN: "unknown"}[self.test(about, wanted)]

    def conclusions(self) -> Iterator[tuple[str, str]]:
        for rule in self.rules:
            if "concludes" in rule:
                state = self.conclusion(rule["concludes"])
                yield rule["concludes"], {YES: "true", NO: "ruled out", OPEN: "unknown"}[state]


def _named(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}[{row}]": value for row, value in table.items()}


def reference(folder: Path, projects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Work out what a pack's reference sample decides: c, scale, kappa and base, in that order.

    Args:
        folder: The pack.
        projects: The sample's answers; what does not apply is the text `n/a`.
    """
    one = Example(folder, {})
    counts = []
    for answers in projects:
        one.answers = answers
        counts.append(one.counted(one.known(one.states(), 0.0, 0.0)))
    size = len(counts)
    c = {rule: sum(y[rule] for y in counts) / size for rule in one.weight}
    raw = [sum(one.weight[rule] * (y[rule] - c[rule]) for rule in c) for y in counts]
    # the mean of `raw` is 0, for every contribution is centred
    raw_spread = math.sqrt(sum(value**2 for value in raw) / size)
    scale = one.spread / raw_spread
    parts = [{rule: scale * one.weight[rule] * (y[rule] - c[rule]) for rule in c} for y in counts]
    v = sum(one.variance(part, SDS) for part in parts) / size
    kappa = 1 / math.sqrt(1 + math.pi * v / 8)
    log_odds = [sum(part.values()) for part in parts]

    def mean(base: float) -> float:
        return sum(expit(kappa * (base + value)) for value in log_odds) / size

    return {
        "c": c,
        "size": size,
        "raw_spread": raw_spread,
        "scale": scale,
        "mean_v": v,
        "kappa": kappa,
        "base": _where(mean, one.base_rate),
        "share_base": expit(kappa * _where(mean, one.base_rate)),
    }


def _where(rising: Callable[[float], float], wanted: float) -> float:
    """Find by halving where a rising function has a value."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2
