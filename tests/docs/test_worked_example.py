"""Every number of the page that works one project through by hand: plainly computed, and by `riskengine`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from marked_numbers import marks, mended, stray_numbers
from worked_example import ANSWERS, FOLDER, PAGE, answers_on_file, plain, reference_values, values

import riskengine
from riskengine.assessment.answers import read_answers
from riskengine.assessment.build import BuiltPack, load_pack
from riskengine.assessment.result import Assessment
from riskengine.engines.forward import find

TYPED = {"people": 1, "work": 14, "owner": "no", "labels": "n/a"}
STATES = {"fires": "fires", "possible": "possible", "ruled_out": "ruled out"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltPack]:
    # an own cache: nothing that an earlier state of the code has built is read
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield load_pack(FOLDER)


@pytest.fixture(scope="module")
def assessed(built: BuiltPack) -> Assessment:
    return riskengine.assess(TYPED, pack=FOLDER, model="none")


@pytest.fixture(scope="module")
def right(built: BuiltPack) -> dict[str, Any]:
    return values(built)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


# --- the page -----------------------------------------------------------------------------------------------


def test_every_number_of_the_page_is_what_the_formulas_give(page: str, right: dict[str, Any]) -> None:
    found = marks(page, right)
    wrong = [f"{one.about}: `{one.text}`, not `{one.right}`" for one in found if one.text != one.right]
    assert wrong == [], "`python tests/docs/worked_example.py` writes the numbers anew; look at what changed, and why"
    assert len(found) > 200


def test_no_number_stands_on_the_page_unchecked(page: str) -> None:
    files = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml")))
    assert stray_numbers(page, files) == []


def test_the_counts_in_words_are_right(page: str, built: BuiltPack) -> None:
    assert "five questions, one quantity, seven rules" in page
    assert (len(built.pack.questions), len(built.pack.quantities), len(built.pack.rules)) == (5, 1, 7)


def test_conditions_in_words_are_those_of_the_rules(page: str, right: dict[str, Any]) -> None:
    listed = page.split("| rule | its parts | so it |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in listed.splitlines()[2:]]
    for rule, _, outcome in rows:
        state = right[f"state[{rule.strip('`')}]"]
        assert outcome.split(",")[0].removeprefix("is ") == state, rule
    assert len(rows) == 7


def test_a_wrong_number_is_found_wherever_it_stands(page: str, right: dict[str, Any]) -> None:
    for mark in marks(page, right):
        if not any(sign.isdigit() for sign in mark.text):
            continue
        # of a sum with numbers the last digit is changed, as anywhere else
        place = max(place for place, sign in enumerate(mark.text) if sign.isdigit())
        changed = mark.text[:place] + str((int(mark.text[place]) + 3) % 10) + mark.text[place + 1 :]
        broken = page[: mark.start] + changed + page[mark.start + len(mark.text) :]
        assert mended(broken, right) == page, mark


def test_a_number_without_a_mark_is_found() -> None:
    assert stray_numbers("It is 63 % here, and `p: 0.5` there.", "") == ["It is 63 % here, and `p: 0.5` there."] * 2
    assert stray_numbers("63<!--p--> %, `p: 0.5`", "p: 0.5") == []


# --- the two computations -----------------------------------------------------------------------------------


def test_what_the_sample_decides_is_the_same_in_both_computations(built: BuiltPack) -> None:
    found = reference_values(built)
    assert found["c"] == built.centre.expected
    # the pack holds the others with six digits
    assert built.centre.scale == pytest.approx(found["scale"], rel=1e-6)
    assert built.prior.moderation == pytest.approx(found["kappa"], rel=1e-6)
    assert built.prior.base == pytest.approx(found["base"], rel=1e-5)


def test_answers_on_file_are_those_of_the_assessment(built: BuiltPack, assessed: Assessment) -> None:
    read = read_answers(ANSWERS, built.pack)
    by_file = riskengine.assess(read, pack=FOLDER, model="none")
    assert read.project is not None
    assert by_file.model_copy(update={"project": None}) == assessed
    assert answers_on_file() == {name: str(value) for name, value in TYPED.items()}


def test_states_and_conclusions_are_the_same(built: BuiltPack, assessed: Assessment, right: dict[str, Any]) -> None:
    for finding in assessed.all_findings:
        assert STATES[finding.state] == right[f"state[{finding.rule}]"]
    words = {True: "true", False: "ruled out", None: "unknown"}
    found = find(built.pack, read_answers(ANSWERS, built.pack).values)
    for conclusion, state in found.conclusions.items():
        assert words[state] == right[f"conclusion[{conclusion}]"]


def test_contributions_and_effects_are_the_same(assessed: Assessment, right: dict[str, Any]) -> None:
    assert len(assessed.all_findings) == 7
    for finding in assessed.all_findings:
        assert finding.contribution == near(right[f"contribution[{finding.rule}]"])
        assert finding.weight == near(right[f"weight[{finding.rule}]"])
        if finding.replaced_by is None:
            assert finding.effect == near(right[f"effect[{finding.group or finding.rule}]"])
    outweighed = {finding.rule: finding.replaced_by for finding in assessed.all_findings if finding.replaced_by}
    assert outweighed == {"long-haul": "very-long-haul"}


def test_the_sum_and_the_probability_are_the_same(assessed: Assessment, right: dict[str, Any]) -> None:
    score = assessed.score
    assert score.base == near(right["base"])
    assert score.shown == near(right["shown"])
    assert score.not_shown == near(right["not_shown"])
    assert score.log_odds == near(right["log_odds"])
    assert score.moderation == near(right["kappa"])
    assert assessed.probability == near(right["p"])
    assert assessed.risk_level == right["risk_level"]
    assert assessed.base_rate == right["base_rate"]


def test_both_ranges_are_the_same(assessed: Assessment, right: dict[str, Any]) -> None:
    assert assessed.range.answers == (near(right["answers_low"]), near(right["answers_high"]))
    # the file holds variances with six digits, which these have not
    assert assessed.range.model == (near(right["model_low"]), near(right["model_high"]))


def test_ends_and_areas_are_the_same(assessed: Assessment, right: dict[str, Any]) -> None:
    assert assessed.ends == {end: near(right[f"end[{end}]"]) for end in ("cancelled", "unused")}
    assert sum(assessed.ends.values()) == near(assessed.probability)
    for area, score in assessed.areas.items():
        assert score.score == near(right[f"score[{area}]"])
        assert score.share == near(right[f"share of the risk[{area}]"])


@pytest.mark.parametrize(("answer", "end"), [("monthly", 0), ("once", 1), ("never", 1)])
def test_answering_leads_to_an_end_of_the_range(built: BuiltPack, assessed: Assessment, answer: str, end: int) -> None:
    answered = riskengine.assess({**TYPED, "users_met": answer}, pack=FOLDER, model="none")
    assert answered.probability == near(assessed.range.answers[end])
    assert answered.probability == near(plain(built, users_met=answer)["p"])
    assert answered.unanswered == ()
