"""The forward executor against the oracle: on random packs, on large ones, on the shipped one; and against CLIPS."""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle import Oracle, states
from random_packs import Shape, all_tests, answers_to, random_answers, random_pack

import riskengine
from riskengine.engines.forward import BUILT_IN, DURABLE_CLAUSES, DurableRules, engine_for, trace
from riskengine.engines.protocol import Engine, Findings
from riskengine.logic.conditions import NOT_APPLICABLE, All, Any, Test, Value, walk
from riskengine.logic.rails import close
from riskengine.pack.facts import facts_of, rails_of
from riskengine.pack.model import Pack

PACKS = 100
PROJECTS = 20
BATCH = 10
"""Packs that one worker process takes: what durable-rules has registered, it never frees."""

BATCHES = [range(start, start + BATCH) for start in range(0, PACKS, BATCH)]
LARGER = {
    "wide nodes": Shape(questions=40, rules=10, wide=14, width=90, below=DURABLE_CLAUSES),
    "many readers": Shape(rules=10, readers=450, below=DURABLE_CLAUSES),
    "close to the limit": Shape(questions=40, conclusions=24, rules=110, wide=8, below=DURABLE_CLAUSES),
}
HUGE = Shape(questions=60, conclusions=30, rules=300, wide=20, width=60, below=None)
ANSWERS = 2_000
CHUNKS = 4

EXPECTED = (
    *("Test", "Conclusion", "All", "Any", "Not", "AtLeast"),
    *("is", "is_not", "in", "below", "at_most", "at_least", "above"),
    *("sum", "difference", "product", "ratio", "choice", "yes_no", "number"),
    *("true", "false", "unknown", "n/a", "asked: true", "asked: false", "asked: unknown"),
    *("answered behind a closed gate", "gate of a gate", "gate on a quantity", "gated quantity"),
    *("quantity of a quantity", "several rules for one conclusion", "chain of four", "group", "wide"),
)
"""What random packs and answers have in them, or else they show nothing."""

needs_durable_rules = pytest.mark.skipif(
    sys.version_info >= (3, 13),
    reason="durable-rules cannot be imported on Python 3.13 and newer; the built-in closure runs there, "
    "and is compared with the oracle all the same",
)


# --- random packs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", BATCHES, ids=str)
def test_the_built_in_closure_finds_what_the_oracle_finds(seeds: range, tmp_path: Path) -> None:
    compared = 0
    for number in seeds:
        pack = random_pack(number, tmp_path)
        for answers in random_answers(pack, number, PROJECTS):
            assert differences(pack, answers, BUILT_IN) == []
            compared += 1
    assert compared == BATCH * PROJECTS


@needs_durable_rules
@pytest.mark.parametrize("seeds", BATCHES, ids=str)
def test_durable_rules_finds_what_the_oracle_and_the_built_in_closure_find(seeds: range, tmp_path: Path) -> None:
    found = in_a_fresh_process(compare_durable_rules, list(seeds), tmp_path, Shape())
    assert found == {"differences": [], "projects": BATCH * PROJECTS, "engine": "durable-rules"}


@needs_durable_rules
@pytest.mark.parametrize("name", LARGER)
def test_durable_rules_holds_larger_packs(name: str, tmp_path: Path) -> None:
    found = in_a_fresh_process(compare_durable_rules, [1], tmp_path, LARGER[name])
    assert found == {"differences": [], "projects": PROJECTS, "engine": "durable-rules"}


def test_larger_packs_are_larger(tmp_path: Path) -> None:
    packs = {name: random_pack(1, tmp_path / name, shape) for name, shape in LARGER.items()}
    clauses = {name: len(rails_of(pack).clauses) for name, pack in packs.items()}
    assert min(clauses.values()) > 1_000 and clauses["close to the limit"] > 3_000
    assert max(map(len, readers_of_tests(packs["many readers"]).values())) > 400
    widths = [len(node.parts) for node in nodes_of(packs["wide nodes"]) if isinstance(node, All | Any)]
    assert max(widths) > 60


def test_a_pack_beyond_4000_clauses_runs_on_the_built_in_closure_and_says_so(tmp_path: Path) -> None:
    found = in_a_fresh_process(compare_chosen_engine, [1, 2], tmp_path, HUGE)
    assert found == {"differences": [], "projects": 2 * PROJECTS, "engine": "built-in"}


def test_random_packs_use_all_of_the_language(tmp_path: Path) -> None:
    used: Counter[str] = Counter()
    for number in range(30):
        pack = random_pack(number, tmp_path)
        assert len(rails_of(pack).clauses) < 1_000
        used.update(type(node).__name__ for node in nodes_of(pack))
        used.update(test.op for test in all_tests(pack))
        used.update(quantity.op for quantity in pack.quantities)
        used.update(question.type for question in pack.questions)
        used["gate of a gate"] += sum(len(pack.gate_questions[one]) > 1 for one in pack.question)
        used["gate on a quantity"] += sum(
            isinstance(node, Test) and node.about in pack.quantity
            for question in pack.questions
            if question.ask_when is not None
            for node in walk(question.ask_when)
        )
        used["quantity of a quantity"] += sum(
            part in pack.quantity for quantity in pack.quantities for part in quantity.of
        )
        used["gated quantity"] += sum(quantity.id in pack.gates for quantity in pack.quantities)
        used["several rules for one conclusion"] += sum(len(rules) > 1 for rules in pack.rules_concluding.values())
        used["chain of four"] += max(depth_of(pack, id) for id in pack.rules_concluding) >= 4
        used["wide"] += sum(len(getattr(node, "parts", ())) > 16 for node in nodes_of(pack))
        used["group"] += sum(len(members) > 1 for members in pack.groups)
        for answers in random_answers(pack, number, 5):
            oracle = Oracle(pack, answers)
            used.update(oracle.rule(rule.id) for rule in pack.rules)
            used.update(f"asked: {oracle.asked(question)}" for question in pack.question)
            used["answered behind a closed gate"] += sum(
                answers.get(one) is not None and oracle.asked(one) == "false" for one in pack.question
            )
            used["n/a"] += sum(value is NOT_APPLICABLE for value in answers.values())
    assert {name: used[name] for name in EXPECTED if used[name] < 10} == {}


# --- the shipped pack --------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_both_engines_find_what_the_oracle_finds_on_the_shipped_pack(chunk: int) -> None:
    pack = riskengine.load_pack().pack
    # on 3.13 and newer, durable-rules cannot be imported; before, an import that fails fails the test
    engines = [BUILT_IN] if sys.version_info >= (3, 13) else [BUILT_IN, durable_rules(pack)]
    seen = 0

    @seed(chunk)
    @settings(
        max_examples=ANSWERS // CHUNKS,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(answers_to(pack))
    def check(answers: dict[str, Value]) -> None:
        nonlocal seen
        seen += 1
        expected = states(pack, answers)
        found = [engine.findings(pack, answers) for engine in engines]
        for one in found:
            assert (one.rules, one.conclusions) == expected, one.engine
            assert one.fired == found[0].fired

    check()
    assert seen >= ANSWERS // CHUNKS


@cache
def durable_rules(pack: Pack) -> Engine:
    """Register the shipped pack, once in this process."""
    return DurableRules(pack)


# --- a second, independent oracle --------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1_000, 1_010))
def test_clips_derives_the_same_literals_from_the_same_clauses(number: int, tmp_path: Path) -> None:
    import clips

    pack = random_pack(number, tmp_path)
    rails = rails_of(pack)
    environment = clips.Environment()
    for place, clause in enumerate(rails.clauses):
        body = " ".join(f"(l {literal})" for literal in clause.body)
        environment.build(f"(defrule c{place} {body} => (assert (l {clause.head})))")
    derived = 0
    for answers in random_answers(pack, number, PROJECTS):
        facts = facts_of(pack, answers)
        environment.reset()
        for literal in (*rails.constants, *facts):
            environment.assert_string(f"(l {literal})")
        firings = environment.run()
        literals = {int(fact[0]) for fact in environment.facts() if fact.template.name == "l"}
        closure = close(rails, facts)
        assert literals == {literal for literal, holds in enumerate(closure.holding) if holds}
        assert firings == len(closure.fired)
        rules, conclusions = states(pack, answers)
        for id, literal in (*rails.rules.items(), *rails.conclusions.items()):
            state = {**conclusions, **rules}[id]
            assert (literal in literals, literal ^ 1 in literals) == (state is True, state is False)
        derived += len(literals) - len(facts)
    assert derived > PROJECTS


# --- what is compared --------------------------------------------------------------------------------------


def differences(pack: Pack, answers: dict[str, Value], engine: Engine) -> list[str]:
    """Say where an engine departs from the oracle, or its trace from what the oracle says of each step."""
    found = engine.findings(pack, answers)
    rules, conclusions = states(pack, answers)
    wrong = [f"rule {id}: {state}" for id, state in found.rules.items() if rules[id] is not state]
    wrong += [f"{id}: {state}" for id, state in found.conclusions.items() if conclusions[id] is not state]
    if list(found.rules) != [rule.id for rule in pack.rules] or found.conclusions.keys() != conclusions.keys():
        wrong.append("not the pack's rules and conclusions")
    return wrong + wrong_steps(pack, found, {**rules, **conclusions})


def wrong_steps(pack: Pack, found: Findings, state: dict[str, bool | None]) -> list[str]:
    """Say which steps of a trace state what does not hold, or which firing it leaves out."""
    wrong = []
    rails = {"T": True, "F": False}
    steps = trace(pack, found)
    for step in steps:
        for literal in (step.head, *step.body):
            name, rail = literal.rsplit(":", 1)
            if name.startswith("#") or (name in state and state[name] is not rails[rail]):
                wrong.append(f"{literal} in the step of {step.head}")
    heads = {step.head for step in steps}
    wrong += [f"no step for {id}" for id, holds in state.items() if holds and f"{id}:T" not in heads]
    return wrong


def compare_durable_rules(seeds: Sequence[int], folder: str, shape: Shape) -> dict[str, object]:
    """Compare durable-rules with the oracle and with the built-in closure; runs in a worker process."""
    return _compare(seeds, folder, shape, DurableRules)


def compare_chosen_engine(seeds: Sequence[int], folder: str, shape: Shape) -> dict[str, object]:
    """Compare the engine that is chosen in a new process; runs in a worker process."""
    return _compare(seeds, folder, shape, engine_for)


def _compare(seeds: Sequence[int], folder: str, shape: Shape, choose: Callable[[Pack], Engine]) -> dict[str, object]:
    wrong: list[str] = []
    engines: set[str] = set()
    projects = 0
    for number in seeds:
        pack = random_pack(number, Path(folder), shape)
        engine = choose(pack)
        for answers in random_answers(pack, number, PROJECTS):
            projects += 1
            wrong += [f"pack {number}: {one}" for one in differences(pack, answers, engine)]
            found, other = engine.findings(pack, answers), BUILT_IN.findings(pack, answers)
            engines.add(found.engine)
            if found.fired != other.fired or trace(pack, found) != trace(pack, other):
                wrong.append(f"pack {number}: another trace than the built-in closure's")
    return {"differences": wrong, "projects": projects, "engine": ", ".join(engines)}


def in_a_fresh_process(
    work: Callable[[Sequence[int], str, Shape], dict[str, object]],
    seeds: Sequence[int],
    folder: Path,
    shape: Shape,
) -> dict[str, object]:
    """Run work in a process of its own, which ends with it."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context, max_tasks_per_child=1) as pool:
        return pool.submit(work, seeds, str(folder), shape).result()


def nodes_of(pack: Pack) -> Iterator[object]:
    """Every node of every rule's condition."""
    return (node for rule in pack.rules for node in walk(rule.when))


def readers_of_tests(pack: Pack) -> dict[object, list[object]]:
    """The tests of a pack, by what they test."""
    found: dict[object, list[object]] = {}
    for test in all_tests(pack):
        found.setdefault(test, []).append(test)
    return found


def depth_of(pack: Pack, conclusion: str) -> int:
    """How many conclusions stand one on the other below this one, itself included."""
    below = [one for rule in pack.rules_concluding[conclusion] for one in pack.conclusions_read[rule]]
    return 1 + max((depth_of(pack, one) for one in below), default=0)
