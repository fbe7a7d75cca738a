"""Tests run: what was expected, what was found instead, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskengine.assessment.assess import assess_answers, choose_model
from riskengine.assessment.build import BuiltPack, build, load_pack, with_model
from riskengine.assessment.proofs import prove
from riskengine.authoring.testing.project_tests import Bounds, ProjectTest, read_tests
from riskengine.engines.forward import BUILT_IN
from riskengine.errors import Problem, ProblemError, Source
from riskengine.logic.conditions import NotApplicable, Value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, STATES, Pack, State
from riskengine.pack.read import read_pack

__all__ = ["Difference", "Outcome", "Report", "Why", "run_tests", "written"]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a rule is in its state.

    Attributes:
        answers: The answers that decide it, none of which can be left out.
        steps: The other rules on the way there, with their states, in order of derivation.
        open: Of a possible finding, the open questions that can decide it.
    """

    answers: tuple[tuple[str, float | str], ...]
    steps: tuple[tuple[str, State], ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that was expected, and what was found instead.

    Attributes:
        about: A rule, `probability` or `risk_level`.
        expected: The state of the rule, the bounds of the probability, or the risk level.
        actual: The state, the probability, or the risk level.
        source: Where the expectation stands.
        why: Of a rule, why it is in its state.
    """

    about: str
    expected: str | Bounds
    actual: str | float
    source: Source
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test, and where it differs from what was found."""

    test: ProjectTest
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether everything is as expected."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Report:
    """All tests of one run.

    Attributes:
        pack: The pack that was tested.
        outcomes: One for each test, the examples first.
    """

    pack: Pack
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The tests that do not hold."""
        return tuple(one for one in self.outcomes if not one.holds)


def run_tests(path: Path, text: str | None = None) -> Report:
    """Run the examples and tests of a pack.

    Probabilities are those that `riskengine assess --rules PACK` gives. For them the pack is built, which takes some
    seconds, if a test states any.

    Args:
        path: The folder of the pack, or its one-file JSON.
        text: Only tests with this text in their name or in the name of their file; small and capital letters are
            the same.

    Raises:
        ProblemError: with everything that is wrong with the pack, or with its tests; RE-804 if no test has the text.
    """
    pack = read_pack(path, states=False)
    tests = read_tests(pack, path)
    chosen = [test for test in tests if text is None or _has(test, text)]
    if text is not None and not chosen:
        message = f"no example and no test has `{text}` in its name"
        raise ProblemError(Problem("RE-804", message, "leave `--filter` out to see all of them", value=text))
    built = _built(path, pack, tests) if any(test.has_numbers for test in chosen) else None
    return Report(pack, tuple(Outcome(test, tuple(_differences(pack, test, built))) for test in chosen))


def _has(test: ProjectTest, text: str) -> bool:
    where = Path(test.source.file).name if test.source.file else ""
    return text.casefold() in f"{test.name}\n{where}".casefold()


def _built(path: Path, pack: Pack, tests: Sequence[ProjectTest]) -> BuiltPack:
    """Build the pack; one with an example that fails can't be loaded, and still has a probability to look at."""
    examples = [test for test in tests if test.example_of is not None]
    sound = not any(True for test in examples for _ in _states(pack, test))
    return load_pack(path) if sound else with_model(build(pack))


def _differences(pack: Pack, test: ProjectTest, built: BuiltPack | None) -> Iterator[Difference]:
    yield from _states(pack, test)
    if built is not None and test.has_numbers:
        yield from _numbers(built, test)


def _states(pack: Pack, test: ProjectTest) -> Iterator[Difference]:
    found = BUILT_IN.findings(pack, test.answers.values).rules
    for one in test.states:
        actual = STATES[found[one.rule]]
        if actual != one.state:
            yield Difference(one.rule, one.state, actual, one.source, _why(pack, test, one.rule))


def _why(pack: Pack, test: ProjectTest, rule: str) -> Why:
    values = test.answers.values
    proof = prove(pack, values, rule)
    found = BUILT_IN.findings(pack, values).rules
    return Why(
        answers=tuple((question, written(values[question])) for question in proof.answers),
        steps=tuple((step, STATES[found[step]]) for step in proof.steps if step != rule),
        open=proof.open,
    )


def _numbers(built: BuiltPack, test: ProjectTest) -> Iterator[Difference]:
    model = choose_model(built, None)
    result = assess_answers(test.answers, built, model, explain=False, engine=BUILT_IN)
    if test.probability is not None and not _within(result.probability, test.probability):
        yield Difference("probability", test.probability, result.probability, test.probability.source)
    if test.risk_level is not None and test.risk_level[0] != result.risk_level:
        name, source = test.risk_level
        yield Difference("risk_level", name, result.risk_level, source)


def _within(probability: float, bounds: Bounds) -> bool:
    low = 0.0 if bounds.at_least is None else bounds.at_least
    high = 1.0 if bounds.at_most is None else bounds.at_most
    return low <= probability <= high


def written(value: Value) -> float | str:
    """Give an answer as it is written in a file.

    Args:
        value: A known answer.

    Examples:
        >>> from riskengine.logic.conditions import NOT_APPLICABLE
        >>> written(2.0), written("idea"), written(NOT_APPLICABLE)
        (2, 'idea', 'n/a')
    """
    assert value is not None
    if isinstance(value, NotApplicable):
        return NOT_APPLICABLE_LEVEL
    return int(value) if isinstance(value, float) and value.is_integer() else value
