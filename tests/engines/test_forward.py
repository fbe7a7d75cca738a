"""The forward executor by example: gates, what does not apply, counts, and which of its two parts runs."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from random_packs import choice, number, random_answers, rule, write_pack, yes_no

import riskengine
from riskengine.assessment.reference import draw
from riskengine.engines.forward import BUILT_IN, DurableRules, trace
from riskengine.engines.protocol import Firing
from riskengine.errors import ProblemError
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.logic.rails import MAX_BODY, MAX_READERS
from riskengine.pack.facts import rails_of
from riskengine.pack.model import Pack

PYTHON_HAS_DURABLE_RULES = sys.version_info < (3, 13)
needs_durable_rules = pytest.mark.skipif(
    not PYTHON_HAS_DURABLE_RULES,
    reason="durable-rules cannot be imported on Python 3.13 and newer; the built-in closure runs there",
)


def state(pack: Pack, **answers: Value) -> bool | None:
    """The state of the rule `r`."""
    return BUILT_IN.findings(pack, answers).rules["r"]


# --- gates -------------------------------------------------------------------------------------------------


@pytest.fixture
def gated(tmp_path: Path) -> Callable[[object], Pack]:
    """Makes packs whose rule `r` reads `inner`, which is asked behind `middle`, which is asked behind `outer`."""

    def make(when: object) -> Pack:
        questions = [
            yes_no("outer"),
            yes_no("middle", ask_when={"outer": "yes"}),
            choice("inner", ("small", "large"), ask_when={"middle": "yes"}),
        ]
        return write_pack(tmp_path, questions, [rule("r", when)])

    return make


@pytest.mark.parametrize("when", [{"inner": "large"}, {"inner": {"is_not": "small"}}, {"inner": ["large"]}])
def test_an_answer_counts_only_while_its_gate_and_the_gates_of_that_hold(
    gated: Callable[[object], Pack], when: object
) -> None:
    pack = gated(when)
    assert state(pack, outer="yes", middle="yes", inner="large") is True
    assert state(pack, outer="yes", middle="yes") is None
    assert state(pack, outer="yes", middle="no", inner="large") is False
    assert state(pack, outer="no", middle="yes", inner="large") is False


def test_an_answer_behind_an_open_gate_waits_for_it(gated: Callable[[object], Pack]) -> None:
    pack = gated({"inner": "large"})
    assert state(pack, inner="large") is None
    assert state(pack, middle="yes", inner="large") is None
    assert state(pack, outer="yes", inner="large") is None
    # what is false with the gate and without it is false
    assert state(pack, inner="small") is False
    assert state(pack, outer="no") is False


def test_not_of_a_test_behind_a_closed_gate_is_true(gated: Callable[[object], Pack]) -> None:
    pack = gated({"not": {"inner": "large"}})
    assert state(pack, outer="no") is True
    assert state(pack, outer="yes", middle="no", inner="large") is True
    assert state(pack, outer="yes", middle="yes", inner="large") is False
    assert state(pack, inner="large") is None


def test_a_quantity_has_the_gates_of_all_its_parts(tmp_path: Path) -> None:
    questions = [
        yes_no("outer"),
        number("a", 0, 10),
        number("b", 0, 10, ask_when={"outer": "yes"}),
        yes_no("last", ask_when={"total": {"above": 5}}),
    ]
    total = [{"id": "total", "text": "Both", "sum": ["a", "b"]}]
    rules = [rule("r", {"total": {"above": 5}}), rule("of-a-gate-on-it", {"last": "yes"})]
    pack = write_pack(tmp_path, questions, rules, total)

    def states(**answers: Value) -> list[bool | None]:
        return list(BUILT_IN.findings(pack, answers).rules.values())

    assert states(outer="yes", a=3.0, b=3.0, last="yes") == [True, True]
    assert states(outer="yes", a=3.0, b=2.0, last="yes") == [False, False]
    assert states(outer="no", a=3.0, b=3.0, last="yes") == [False, False]
    assert states(a=3.0, b=3.0, last="yes") == [None, None]
    assert states(outer="yes", a=3.0, last="yes") == [None, None]


# --- what does not apply -----------------------------------------------------------------------------------

TESTS_OF_LEVELS = [{"q": "some"}, {"q": {"is_not": "some"}}, {"q": ["none", "some", "many"]}]
TESTS_OF_ORDER = [{"q": {op: "some"}} for op in ("below", "at_most", "at_least", "above")]


@pytest.mark.parametrize("test", [*TESTS_OF_LEVELS, *TESTS_OF_ORDER], ids=str)
def test_any_test_of_what_does_not_apply_is_false_and_its_negation_true(test: object, tmp_path: Path) -> None:
    questions = [choice("q", ("none", "some", "many"), may_not_apply=True)]
    pack = write_pack(tmp_path, questions, [rule("r", test), rule("negated", {"not": test})])
    found = BUILT_IN.findings(pack, {"q": NOT_APPLICABLE}).rules
    assert found == {"r": False, "negated": True}
    assert BUILT_IN.findings(pack, {}).rules == {"r": None, "negated": None}


def test_not_below_is_another_thing_than_at_least(tmp_path: Path) -> None:
    questions = [number("q", 0, 10, may_not_apply=True)]
    rules = [rule("not-below", {"not": {"q": {"below": 5}}}), rule("at-least", {"q": {"at_least": 5}})]
    pack = write_pack(tmp_path, questions, rules)
    assert BUILT_IN.findings(pack, {"q": 5.0}).rules == {"not-below": True, "at-least": True}
    assert BUILT_IN.findings(pack, {"q": NOT_APPLICABLE}).rules == {"not-below": True, "at-least": False}


@pytest.mark.parametrize(
    ("op", "value"), [("sum", 6.0), ("difference", 2.0), ("product", 8.0), ("ratio", 2.0)], ids=str
)
def test_a_quantity_does_not_apply_if_a_part_does_not_else_is_unknown_if_a_part_is(
    op: str, value: float, tmp_path: Path
) -> None:
    questions = [number("a", 0, 9, may_not_apply=True), number("b", 1, 9, may_not_apply=True)]
    quantity = {"id": "worked_out", "text": "It", op: ["a", "b"]}
    rules = [rule("r", {"worked_out": value}), rule("negated", {"not": {"worked_out": value}})]
    pack = write_pack(tmp_path, questions, rules, [quantity])

    def states(**answers: Value) -> list[bool | None]:
        return list(BUILT_IN.findings(pack, answers).rules.values())

    assert states(a=4.0, b=2.0) == [True, False]
    assert states(a=4.0, b=3.0) == [False, True]
    assert states(a=4.0) == states(b=2.0) == states() == [None, None]
    assert states(a=NOT_APPLICABLE, b=2.0) == states(a=4.0, b=NOT_APPLICABLE) == [False, True]
    # not applicable goes before unknown
    assert states(a=NOT_APPLICABLE) == states(b=NOT_APPLICABLE) == [False, True]


def test_an_ordered_choice_counts_as_its_place_in_a_quantity_and_a_quantity_may_be_a_part(tmp_path: Path) -> None:
    questions = [choice("q", ("none", "some", "many")), number("n", 1, 9)]
    quantities = [
        {"id": "half", "text": "Half", "ratio": ["both", 2]},
        {"id": "both", "text": "Both", "sum": ["q", "n", 1]},
    ]
    pack = write_pack(tmp_path, questions, [rule("r", {"half": 3.5})], quantities)
    assert state(pack, q="many", n=4.0) is True
    assert state(pack, q="some", n=4.0) is False
    assert state(pack, q="none", n=6.0) is True


# --- counts, wide conditions, many readers -----------------------------------------------------------------


@pytest.mark.parametrize(("needed", "size"), [(1, 1), (1, 3), (2, 4), (3, 3), (5, 9), (6, 12), (2, 25), (24, 25)])
def test_a_count_is_decided_as_soon_as_the_unknown_parts_cannot_change_it(
    needed: int, size: int, tmp_path: Path
) -> None:
    names = [f"q{place}" for place in range(size)]
    count = {"at_least": needed, "of": [{name: "yes"} for name in names]}
    pack = write_pack(tmp_path, [yes_no(name) for name in names], [rule("r", count)])
    if math.comb(size, needed) > 20:
        # combinations would be many more clauses than that
        assert len(rails_of(pack).clauses) < 7 * needed * size
    for true, false in itertools.product(range(size + 1), repeat=2):
        if true + false <= size:
            # holding parts last, so that the running count meets them in another order than the names'
            answers = dict.fromkeys(names[:false], "no") | dict.fromkeys(names[size - true :], "yes")
            expected = True if true >= needed else None if size - false >= needed else False
            assert state(pack, **answers) is expected, (true, false)


def test_a_part_that_stands_twice_counts_twice(tmp_path: Path) -> None:
    part = {"a": "yes"}
    questions = [yes_no("a"), yes_no("b"), *(yes_no(f"q{place}") for place in range(8))]
    others = [{f"q{place}": "yes"} for place in range(8)]
    rules = [
        rule("r", {"at_least": 2, "of": [part, part, {"b": "yes"}]}),
        rule("running", {"at_least": 2, "of": [part, *others, part]}),
    ]
    pack = write_pack(tmp_path, questions, rules)
    assert list(BUILT_IN.findings(pack, {"a": "yes"}).rules.values()) == [True, True]
    assert list(BUILT_IN.findings(pack, {"a": "no"}).rules.values()) == [False, None]


@pytest.mark.parametrize("join", ["all", "any"])
def test_a_condition_of_many_parts_becomes_a_tree_of_short_clauses(join: str, tmp_path: Path) -> None:
    names = [f"q{place}" for place in range(300)]
    pack = write_pack(
        tmp_path, [yes_no(name) for name in names], [rule("r", {join: [{name: "yes"} for name in names]})]
    )
    assert max(len(clause.body) for clause in rails_of(pack).clauses) <= MAX_BODY <= 16
    for odd in (names[0], names[14], names[15], names[299]):
        usual, other = ("yes", "no") if join == "all" else ("no", "yes")
        answers: dict[str, Value] = dict.fromkeys(names, usual)
        assert state(pack, **answers) is (join == "all")
        assert state(pack, **{**answers, odd: other}) is (join != "all")
        assert state(pack, **{**answers, odd: None}) is None


def test_one_test_read_by_many_rules_is_passed_on_by_relays(tmp_path: Path) -> None:
    rules = [rule(f"r{place}", {"q": "yes"}) for place in range(450)]
    pack = write_pack(tmp_path, [yes_no("q")], rules)
    assert max(map(len, rails_of(pack).readers)) <= MAX_READERS <= 256
    engines = [BUILT_IN, *([DurableRules(pack)] if PYTHON_HAS_DURABLE_RULES else [])]
    for engine, (answers, expected) in itertools.product(
        engines, [({"q": "yes"}, True), ({"q": "no"}, False), ({}, None)]
    ):
        assert set(engine.findings(pack, answers).rules.values()) == {expected}


# --- traces ------------------------------------------------------------------------------------------------


def test_a_trace_names_rules_conclusions_and_tests_and_never_a_part_of_a_condition(tmp_path: Path) -> None:
    rules = [
        rule("first", {"all": [{"a": "yes"}, {"any": [{"b": "yes"}, {"c": "yes"}]}]}, concludes="tired"),
        rule("second", {"all": ["tired", {"not": {"c": "yes"}}]}, concludes="late"),
        rule("third", {"all": ["late"]}),
        rule("never", {"a": "no"}),
    ]
    pack = write_pack(tmp_path, [yes_no("a"), yes_no("b"), yes_no("c")], rules)
    steps = trace(pack, BUILT_IN.findings(pack, {"a": "yes", "b": "yes", "c": "no"}))
    assert set(steps) == {
        Firing("first:T", ("a.is.yes:T", "b.is.yes:T")),
        Firing("tired:T", ("first:T",)),
        Firing("second:T", ("tired:T", "c.is.yes:F")),
        Firing("late:T", ("second:T",)),
        Firing("third:T", ("late:T",)),
    }


def test_every_rule_that_fires_is_in_the_trace_though_its_conclusion_was_known_already(tmp_path: Path) -> None:
    rules = [rule("one", {"a": "yes"}, concludes="c"), rule("two", {"b": "yes"}, concludes="c")]
    pack = write_pack(tmp_path, [yes_no("a"), yes_no("b")], rules)
    found = BUILT_IN.findings(pack, {"a": "yes", "b": "yes"})
    steps = {step.head: step.body for step in trace(pack, found)}
    assert steps["one:T"] == ("a.is.yes:T",) and steps["two:T"] == ("b.is.yes:T",)
    assert set(steps["c:T"]) <= {"one:T", "two:T"} and steps["c:T"]


def test_the_trace_of_a_long_count_takes_no_time(tmp_path: Path) -> None:
    # its nodes share their parts: following each path anew takes years
    names = [f"q{place}" for place in range(60)]
    count = {"at_least": 30, "of": [{name: "yes"} for name in names]}
    write_pack(tmp_path, [yes_no(name) for name in names], [rule("r", {"not": count})])
    script = f"""
        from pathlib import Path
        from riskengine.engines.forward import BUILT_IN, trace
        from riskengine.pack.read import read_pack
        pack = read_pack(Path({str(tmp_path)!r}))
        findings = BUILT_IN.findings(pack, dict.fromkeys(pack.question, "no"))
        print(len(trace(pack, findings)))
    """
    assert run(script, timeout=20) == "1"


def test_the_trace_of_a_count_of_many_parts_is_not_too_deep(tmp_path: Path) -> None:
    parts = [{"n": 0}, {"b": "yes"}, *({"n": place} for place in range(1, 1_500))]
    pack = write_pack(tmp_path, [number("n", 0, 2_000), yes_no("b")], [rule("r", {"at_least": 2, "of": parts})])
    steps = trace(pack, BUILT_IN.findings(pack, {"n": 0.0, "b": "yes"}))
    assert [(step.head, set(step.body)) for step in steps] == [("r:T", {"n.is.0.0:T", "b.is.yes:T"})]


# --- which part runs ---------------------------------------------------------------------------------------

STATES = """
    import json
    import riskengine
    from riskengine.assessment.reference import draw
    from riskengine.engines.forward import find
    pack = riskengine.load_pack().pack
    found = [find(pack, answers) for answers in draw(pack, 5, 7)]
    found += [find(pack, {})]
    print(json.dumps([[dict(one.rules), dict(one.conclusions), one.fired] for one in found]))
    print(riskengine.assess({"stage": "idea"}, explain=False).versions.engine)
"""
BLOCKERS = {
    "no such module": """
        import sys
        class Blocker:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in ("durable", "durable_rules_engine"):
                    raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        sys.meta_path.insert(0, Blocker())
    """,
    "its C part cannot be loaded": """
        import sys
        class Blocker:
            def find_spec(self, name, path=None, target=None):
                if name == "durable_rules_engine":
                    raise ImportError("undefined symbol: PyEval_CallObject")
        sys.meta_path.insert(0, Blocker())
    """,
    "switched off": """
        import sys
        sys.modules["durable"] = None
    """,
}


def run(script: str, timeout: float = 120) -> str:
    """Run a script in a process of its own, and give what it printed."""
    text = textwrap.dedent(script)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("blocker", BLOCKERS)
def test_where_durable_rules_cannot_be_imported_the_built_in_closure_finds_the_same(blocker: str) -> None:
    blocked = run(textwrap.dedent(BLOCKERS[blocker]) + textwrap.dedent(STATES)).splitlines()
    usual = run(STATES).splitlines()
    assert blocked[0] == usual[0]
    assert blocked[1] == "built-in"
    assert usual[1] == ("durable-rules" if PYTHON_HAS_DURABLE_RULES else "built-in")


@needs_durable_rules
def test_durable_rules_serves_the_first_pack_of_a_process_and_no_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_pack(tmp_path / name, [yes_no("a")], [rule("r", {"a": "yes"})])
    script = f"""
        from pathlib import Path
        from riskengine.engines.forward import engine_for, find
        from riskengine.pack.read import read_pack
        folder = Path({str(tmp_path)!r})
        first, second, again = (read_pack(folder / name) for name in ("one", "two", "one"))
        for pack in (first, second, again, first):
            assert find(pack, {{"a": "yes"}}).rules == {{"r": True}}
            print(engine_for(pack).name, find(pack, {{}}).engine)
    """
    assert run(script).splitlines() == [
        "durable-rules durable-rules",
        *["built-in built-in"] * 2,
        "durable-rules durable-rules",
    ]


@needs_durable_rules
def test_an_assessment_says_which_engine_ran_and_both_give_the_same() -> None:
    script = """
        import json
        import riskengine
        from riskengine.assessment.answers import answers_from_mapping
        from riskengine.assessment.assess import assess_answers
        from riskengine.engines.forward import BUILT_IN
        built = riskengine.load_pack()
        answers = answers_from_mapping({"stage": "idea", "team_fte": 2}, built.pack)
        for engine in (None, BUILT_IN):
            found = assess_answers(answers, built, built.prior, engine=engine).as_json(everything=True)
            print(found["versions"].pop("engine"))
            print(json.dumps(found))
    """
    durable, first, built_in, second = run(script).splitlines()
    assert (durable, built_in) == ("durable-rules", "built-in")
    assert json.loads(first) == json.loads(second)


# --- durable-rules is given literals, and nothing stays ----------------------------------------------------


class Recorder:
    """Notes every fact that reaches durable-rules, and every session that is deleted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from durable import engine

        self.facts: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        assert_fact, delete_state = engine.Ruleset.assert_fact, engine.Ruleset.delete_state

        def noted_fact(ruleset: Any, fact: dict[str, Any]) -> Any:
            self.facts.append(dict(fact))
            return assert_fact(ruleset, fact)

        def noted_deletion(ruleset: Any, sid: str) -> Any:
            self.deleted.append(sid)
            return delete_state(ruleset, sid)

        # everything goes through these two: what the engine is told, and what actions derive
        monkeypatch.setattr(engine.Ruleset, "assert_fact", noted_fact)
        monkeypatch.setattr(engine.Ruleset, "delete_state", noted_deletion)
        for name in ("assert_facts", "assert_event", "assert_events", "update_state"):
            monkeypatch.setattr(engine.Ruleset, name, _refuse)

    @property
    def sessions(self) -> list[str]:
        """The sessions that facts were asserted in, in order."""
        return list(dict.fromkeys(fact["sid"] for fact in self.facts))


def _refuse(*_: object) -> None:
    raise AssertionError("facts are asserted one at a time")


@pytest.fixture(scope="module")
def durable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pack, DurableRules]:
    """A pack of all types of question, registered with durable-rules."""
    questions = [
        yes_no("a"),
        choice("b", ("none", "some", "many"), may_not_apply=True),
        number("n", 0, 10, may_not_apply=True, ask_when={"a": "yes"}),
    ]
    rules = [
        rule("first", {"b": {"at_least": "some"}, "a": "yes"}, concludes="tired"),
        rule("second", {"all": ["tired", {"n": {"above": 2.5}}]}, concludes="late"),
        rule("third", {"any": ["late", {"not": {"n": {"below": 9}}}]}),
    ]
    pack = write_pack(tmp_path_factory.mktemp("durable"), questions, rules)
    return pack, DurableRules(pack)


def every_project() -> Iterator[dict[str, Value]]:
    """Every kind of answer to each of the three questions."""
    for a, b, n in itertools.product(
        ("absent", None, "yes", "no"),
        ("absent", None, NOT_APPLICABLE, "none", "many"),
        ("absent", None, NOT_APPLICABLE, 0.0, 2.5, 9.75),
    ):
        yield {name: value for name, value in (("a", a), ("b", b), ("n", n)) if value != "absent"}


@needs_durable_rules
def test_only_numbered_literals_reach_durable_rules(
    durable: tuple[Pack, DurableRules], monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, engine = durable
    recorder = Recorder(monkeypatch)
    readers = rails_of(pack).readers
    for answers in every_project():
        engine.findings(pack, answers)
    assert len(recorder.facts) > 500
    for fact in recorder.facts:
        assert isinstance(fact.pop("sid"), str)
        if fact != {"id": "go", "go": 1}:
            literal = fact["f"]
            assert type(literal) is int and type(fact["b"]) is int
            assert fact == {"id": f"l{literal}", "b": literal // 200, "f": literal}
            assert readers[literal], "a fact that no rule handles is an error inside the library"


@needs_durable_rules
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, True, [], "nan"], ids=str)
def test_what_is_no_number_is_refused_before_the_engine(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    riskengine.assess({}, explain=False)
    recorder = Recorder(monkeypatch)
    with pytest.raises(ProblemError) as caught:
        riskengine.assess({"stage": "idea", "team_fte": value}, explain=False)
    assert caught.value.problems[0].code in ("RE-302", "RE-303")
    assert recorder.facts == []


@needs_durable_rules
def test_nothing_of_a_project_is_left_in_durable_rules(
    durable: tuple[Pack, DurableRules], monkeypatch: pytest.MonkeyPatch
) -> None:
    from riskengine.engines import durable_rails

    pack, engine = durable
    recorder = Recorder(monkeypatch)
    projects = list(every_project())
    for answers in projects:
        engine.findings(pack, answers)
    assert recorder.sessions == recorder.deleted
    assert len(set(recorder.deleted)) == len(projects)
    host: Any = durable_rails._host
    for session in (recorder.deleted[0], recorder.deleted[-1]):
        with pytest.raises(Exception, match="309"):
            host.get_facts(engine._rails._name, session)


@needs_durable_rules
def test_a_project_knows_nothing_of_the_one_before(durable: tuple[Pack, DurableRules]) -> None:
    pack, engine = durable
    everything: Mapping[str, Value] = {"a": "yes", "b": "many", "n": 9.75}
    assert set(engine.findings(pack, everything).rules.values()) == {True}
    assert set(engine.findings(pack, {}).rules.values()) == {None}
    assert engine.findings(pack, everything) == engine.findings(pack, everything)


@needs_durable_rules
def test_projects_that_are_assessed_at_the_same_time_in_threads_do_not_mix() -> None:
    # in a process of its own: what goes wrong here can leave the library in any state
    script = """
        import sys
        from concurrent.futures import ThreadPoolExecutor
        import riskengine
        from riskengine.assessment.reference import draw
        from riskengine.engines.forward import BUILT_IN, engine_for
        pack = riskengine.load_pack().pack
        engine = engine_for(pack)
        projects = list(draw(pack, 40, 3))
        sys.setswitchinterval(1e-5)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda answers: engine.findings(pack, answers), projects))
        expected = [BUILT_IN.findings(pack, answers) for answers in projects]
        assert [one.rules for one in found] == [one.rules for one in expected]
        assert [one.fired for one in found] == [one.fired for one in expected]
        print(engine.name)
    """
    assert run(script) == "durable-rules"


@needs_durable_rules
def test_durable_rules_starts_no_threads() -> None:
    script = """
        import threading
        import riskengine
        print(riskengine.assess({}, explain=False).versions.engine, threading.active_count())
    """
    assert run(script) == "durable-rules 1"


# --- what goes wrong inside an action is not swallowed -----------------------------------------------------


@needs_durable_rules
@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, MemoryError, ValueError])
@pytest.mark.parametrize("at", [1, 3])
def test_what_an_action_raises_is_not_swallowed(
    durable: tuple[Pack, DurableRules], raised: type[BaseException], at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from durable import engine as library

    pack, engine = durable
    answers: Mapping[str, Value] = {"a": "yes", "b": "many", "n": 9.75}
    recorder = Recorder(monkeypatch)
    derive, calls = library.Closure.assert_fact, itertools.count(1)

    def fail(*arguments: object) -> object:
        if next(calls) == at:
            raise raised
        return derive(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(library.Closure, "assert_fact", fail)
        with pytest.raises(raised):
            engine.findings(pack, answers)
    assert next(calls) > at
    assert recorder.deleted == recorder.sessions
    # and the engine is as good as before
    found = engine.findings(pack, answers)
    assert (found.rules, found.fired) == (
        BUILT_IN.findings(pack, answers).rules,
        BUILT_IN.findings(pack, answers).fired,
    )


@needs_durable_rules
@pytest.mark.parametrize("moment", [1, 3, 5])
def test_a_clock_that_is_set_forward_while_an_action_runs_loses_no_conclusion(
    durable: tuple[Pack, DurableRules], moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a laptop that slept, a process that was stopped: past ten seconds the library drops what follows, silently
    from durable import engine as library

    pack, engine = durable
    now, calls = library._unix_now, itertools.count()
    monkeypatch.setattr(library, "_unix_now", lambda: now() + (3_600 if next(calls) >= moment else 0))
    answers: Mapping[str, Value] = {"a": "yes", "b": "many", "n": 9.75}
    found = engine.findings(pack, answers)
    assert found.rules == BUILT_IN.findings(pack, answers).rules
    assert found.fired == BUILT_IN.findings(pack, answers).fired


@needs_durable_rules
def test_both_engines_agree_on_the_reference_sample_of_the_shipped_pack() -> None:
    pack = riskengine.load_pack().pack
    engine = DurableRules(pack)
    for answers in (*draw(pack, 30, 3), *random_answers(pack, 3, 30)):
        found, other = engine.findings(pack, answers), BUILT_IN.findings(pack, answers)
        assert (found.rules, found.conclusions, found.fired) == (other.rules, other.conclusions, other.fired)
        assert (found.engine, other.engine) == ("durable-rules", "built-in")
