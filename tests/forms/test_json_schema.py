"""The schema of a form accepts what would be asked and no more; that of a file, what `assess` accepts."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from cli.run import run
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from random_packs import Shape, choice, number, random_answers, random_pack, rule, write_pack, yes_no

from riskengine.assessment.answers import answers_from_mapping, answers_from_text
from riskengine.errors import ProblemError
from riskengine.forms.json_schema import form_schema
from riskengine.forms.template import answers_template
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.answers_schema import answers_file_schema
from riskengine.pack.gates import asked
from riskengine.pack.locate import shipped
from riskengine.pack.model import Pack
from riskengine.pack.read import read_pack
from riskengine.pack.source import plain, read_yaml

PACKS = 30
JSON_VALUES = (None, "", "n/a", "N/A", "yes", "no", "low", "none", "true", True, False, 0, 1, -7, 2.5, 1e300, [], {})


def accepts(schema: Mapping[str, Any]) -> Callable[[object], bool]:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).is_valid


def can_be_read(raw: object, pack: Pack) -> bool:
    try:
        answers_from_text(json.dumps(raw).encode(), "answers.json", pack)
    except ProblemError:
        return False
    return True


def as_json(answers: Mapping[str, object]) -> dict[str, object]:
    return {name: "n/a" if value is NOT_APPLICABLE else value for name, value in answers.items()}


def only_asked(pack: Pack, answers: dict[str, Value]) -> dict[str, Value]:
    """Leave out what would not be asked, until all that is left would be."""
    state = asked(pack, answers)
    kept = {name: value for name, value in answers.items() if state[name]}
    return kept if kept == answers else only_asked(pack, kept)


PackOf: TypeAlias = Callable[[int], Pack]


@pytest.fixture(scope="module")
def pack_of(tmp_path_factory: pytest.TempPathFactory) -> PackOf:
    """One random pack for each number below `PACKS`."""
    folder = tmp_path_factory.mktemp("packs")
    return functools.cache(lambda seed: random_pack(seed, folder, Shape(questions=9, rules=2)))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A pack with every kind of question and gate."""
    return write_pack(
        tmp_path_factory.mktemp("small") / "pack",
        [
            {
                **choice("kind", ["model", "rented", "report"], renamed_from=["sort"]),
                "levels": {
                    "model": {"label": "Model", "renamed_from": ["own"]},
                    "rented": "Rented",
                    "report": "Report",
                },
            },
            yes_no("labels", ask_when={"kind": ["model", "rented"]}),
            yes_no("checked", ask_when={"labels": "yes"}, may_not_apply=True),
            yes_no("recheck", ask_when={"not": {"checked": "yes"}}),
            number("people", 0.5, 10, unit="people"),
            number("months", 1, 60, may_not_apply=True, ask_when={"people": {"at_least": 2}}),
            yes_no("long", ask_when={"any": [{"months": {"above": 12}}, {"people": {"is": 1}}]}),
            yes_no(
                "two", ask_when={"at_least": 2, "of": [{"labels": "yes"}, {"people": {"below": 3}}, {"long": "no"}]}
            ),
        ],
        [rule("one", {"kind": "model"})],
    )


# --- what a form gives -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"kind": "model", "labels": "yes", "checked": "n/a", "recheck": "no"},
        {"kind": "model", "labels": "no", "recheck": "yes"},
        {"kind": "report", "recheck": "yes"},
        {"people": 2, "months": "n/a"},
        {"people": 2.5, "months": 13, "long": "no"},
        {"people": 1, "long": "yes"},
        {"kind": "model", "labels": "yes", "people": 2, "two": "no"},
    ],
)
def test_a_form_gives_answers_that_would_be_asked(answers: dict[str, object], small: Pack) -> None:
    assert accepts(form_schema(small).schema)(answers)
    assert can_be_read(answers, small)


@pytest.mark.parametrize(
    "answers",
    [
        {"kind": "modle"},
        {"kind": "n/a"},
        {"kind": 1},
        {"kind": None},
        {"sort": "model"},
        {"kind": "own"},
        {"labels": "yes"},
        {"kind": "report", "labels": "yes"},
        {"kind": "model", "labels": True},
        {"kind": "model", "labels": "no", "checked": "yes"},
        {"kind": "report", "labels": "yes", "checked": "yes"},
        {"kind": "model", "labels": "yes", "checked": "yes", "recheck": "no"},
        {"kind": "model", "labels": "yes", "recheck": "no"},
        {"people": 0.4},
        {"people": 11},
        {"people": "n/a"},
        {"people": "2"},
        {"people": 1, "months": 5},
        {"people": 2, "months": 12, "long": "no"},
        {"kind": "model", "labels": "yes", "people": 3, "two": "no"},
        {"unheard_of": 1},
        [],
        "kind",
    ],
)
def test_a_form_gives_nothing_else(answers: object, small: Pack) -> None:
    assert not accepts(form_schema(small).schema)(answers)


@given(place=st.integers(0, PACKS - 1), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=120)
def test_a_form_gives_just_what_can_be_read_and_would_be_asked(pack_of: PackOf, place: int, seed: int) -> None:
    pack = pack_of(place)
    made = form_schema(pack)
    accepted = accepts(made.schema)
    for answers in random_answers(pack, seed, 4):
        known = {name: value for name, value in answers.items() if value is not None}
        raw = as_json(known)
        would_be_asked = asked(pack, known)
        fits = all(would_be_asked[name] for name in known)
        if made.problems:
            assert accepted(raw) or not fits
        else:
            assert accepted(raw) is fits, raw
        # and what a form would have asked of it is a form's result
        assert accepted(as_json(only_asked(pack, known)))


@pytest.mark.parametrize("op", ["is", "is_not", "below", "at_most", "at_least", "above"])
def test_a_gate_on_a_number_holds_or_fails_on_either_side_of_it(op: str, tmp_path: Path) -> None:
    gate = {"people": {op: 3}}
    questions = [number("people", 1, 5), yes_no("behind", ask_when=gate), yes_no("beyond", ask_when={"not": gate})]
    pack = write_pack(tmp_path / "pack", questions, [rule("one", gate)])
    accepted = accepts(form_schema(pack).schema)
    for people in (1, 2.5, 3, 3.5, 5):
        state = asked(pack, {"people": people})
        for name in ("behind", "beyond"):
            assert accepted({"people": people, name: "yes"}) is state[name]


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_a_gate_that_counts_holds_or_fails_as_the_count_does(needed: int, tmp_path: Path) -> None:
    names = ("a", "b", "c")
    gate = {"at_least": needed, "of": [{name: "yes"} for name in names]}
    questions = [*map(yes_no, names), yes_no("behind", ask_when=gate), yes_no("beyond", ask_when={"not": gate})]
    pack = write_pack(tmp_path / "pack", questions, [rule("one", gate)])
    accepted = accepts(form_schema(pack).schema)
    for values in product(("yes", "no", None), repeat=3):
        answers = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        state = asked(pack, answers)
        for name in ("behind", "beyond"):
            assert accepted({**answers, name: "yes"}) is (state[name] is True)


def test_the_gates_of_random_packs_can_mostly_be_said(pack_of: PackOf) -> None:
    packs = [pack_of(place) for place in range(PACKS)]
    gated = [one for one in packs if any(question.ask_when for question in one.questions)]
    assert sum(not form_schema(one).problems for one in gated) > 10


def test_a_gate_on_a_quantity_is_held_as_far_as_it_can_be_and_named(tmp_path: Path) -> None:
    pack = write_pack(
        tmp_path / "pack",
        [
            number("work", 1, 60),
            yes_no("staffed"),
            yes_no("too_long", ask_when={"staffed": "no", "twice": {"above": 24}}),
            yes_no("why", ask_when={"too_long": "yes"}),
        ],
        [rule("one", {"staffed": "no"})],
        [{"id": "twice", "text": "Twice", "product": ["work", 2]}],
    )
    made = form_schema(pack)
    accepted = accepts(made.schema)
    assert [(one.code, one.value, one.severity) for one in made.problems] == [("RE-701", "too_long", "warning")]
    assert "`twice`" in made.problems[0].message
    assert accepted({"staffed": "no", "work": 1, "too_long": "yes", "why": "no"})
    assert not accepted({"staffed": "yes", "work": 30, "too_long": "yes"})
    assert not accepted({"staffed": "no", "work": 30, "why": "no"})


def test_a_count_of_too_many_combinations_is_named_as_well(tmp_path: Path) -> None:
    names = [f"q{number}" for number in range(12)]
    gate = {"at_least": 6, "of": [{name: "yes"} for name in names]}
    questions = [*map(yes_no, names), yes_no("last", ask_when=gate)]
    pack = write_pack(tmp_path / "pack", questions, [rule("one", {"q1": "yes"})])
    made = form_schema(pack)
    assert [(one.code, one.value) for one in made.problems] == [("RE-701", "last")]
    assert accepts(made.schema)({"last": "yes"})


def test_texts_are_titles_and_descriptions_and_can_be_left_out(small: Pack) -> None:
    spoken, silent = form_schema(small).schema, form_schema(small, texts=False).schema
    assert spoken["properties"]["people"] == {
        "title": "What about people?",
        "description": "Look at it. In people.",
        "type": "number",
        "minimum": 0.5,
        "maximum": 10,
    }
    assert spoken["properties"]["kind"]["type"] == "string"
    assert spoken["properties"]["kind"]["oneOf"][0] == {"const": "model", "title": "Model"}
    written = json.dumps(silent)
    assert not [word for word in ('"title"', '"description"', "Look at it", "Does not apply") if word in written]
    assert silent["properties"]["kind"] == {"type": "string", "enum": ["model", "rented", "report"]}


@pytest.mark.parametrize("seed", range(5))
def test_with_and_without_texts_the_same_is_accepted(seed: int, pack_of: PackOf) -> None:
    pack = pack_of(seed)
    spoken, silent = (accepts(form_schema(pack, texts=texts).schema) for texts in (True, False))
    for answers in random_answers(pack, seed, 20):
        assert spoken(as_json(answers)) is silent(as_json(answers))


# --- an answers file ---------------------------------------------------------------------------------------


@given(place=st.integers(0, PACKS - 1), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=120)
def test_a_file_is_accepted_just_where_assess_accepts_it(pack_of: PackOf, place: int, seed: int) -> None:
    pack, chance = pack_of(place), random.Random(seed)
    accepted = accepts(answers_file_schema(pack))
    for answers in random_answers(pack, chance.random(), 4):
        raw: dict[str, object] = as_json(answers)
        if raw and chance.random() < 0.7:
            raw[chance.choice([*raw, "unheard_of"])] = chance.choice(JSON_VALUES)
        held: dict[str, object] = raw
        if chance.random() < 0.5:
            held = {"answers": raw, "project": chance.choice(("A", "", None, 7)), "notes": {}}
        assert accepted(held) is can_be_read(held, pack), held


@pytest.mark.parametrize(
    "raw",
    [
        {"sort": "model"},
        {"kind": "own"},
        {"answers": None},
        {"answers": {"sort": None}, "notes": {"sort": "Seen."}, "by": None, "date": "2026-03-01", "pack": "x"},
        {"kind": "report", "labels": "yes"},
    ],
)
def test_old_names_and_needless_answers_stand_in_a_file(raw: dict[str, object], small: Pack) -> None:
    assert can_be_read(raw, small)
    assert accepts(answers_file_schema(small))(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {"sort": "model", "kind": "model"},
        {"answers": {"sort": None, "kind": "model"}},
        {"answers": {}, "kind": "model"},
        {"answers": {}, "notes": {"unheard_of": "x"}},
        {"answers": {}, "notes": {"kind": []}},
        {"answers": {}, "date": "yesterday"},
        {"answers": []},
        {"project": "A"},
    ],
)
def test_what_assess_refuses_does_not_stand_in_a_file(raw: dict[str, object], small: Pack) -> None:
    assert not can_be_read(raw, small)
    assert not accepts(answers_file_schema(small))(raw)


def test_a_question_that_is_called_answers_makes_every_file_flat(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack", [yes_no("answers")], [rule("one", {"answers": "yes"})])
    accepted = accepts(answers_file_schema(pack))
    for raw in ({"answers": "yes"}, {"answers": {}}, {"answers": "yes", "project": "A"}):
        assert accepted(raw) is can_be_read(raw, pack)


def test_the_template_and_the_cases_that_ship_are_answers_files() -> None:
    pack = read_pack(shipped("rules"))
    accepted = accepts(answers_file_schema(pack))
    cases = sorted(path for path in shipped("data", "cases").glob("*.yaml") if ".sources" not in path.name)
    assert len(cases) >= 6
    texts = [answers_template(pack).encode(), *(path.read_bytes() for path in cases)]
    for content in texts:
        node = read_yaml(content, None)
        assert node is not None
        assert accepted(plain(node))


# --- the command -------------------------------------------------------------------------------------------


def test_the_command_writes_the_schema_of_the_shipped_questionnaire(tmp_path: Path) -> None:
    done = run("form", "export", "--to", "json-schema", "-o", tmp_path / "form.json")
    assert (done.returncode, done.stdout) == (0, "")
    schema = json.loads((tmp_path / "form.json").read_text("utf-8"))
    accepted = accepts(schema)
    assert schema["title"].startswith("Answers for riskengine ")
    assert accepted({"project_kind": "trained_model", "stage": "idea"})
    assert not accepted({"project_kind": "trained_modle"})
    again = run("form", "export", "--to", "json-schema")
    assert again.stdout == (tmp_path / "form.json").read_text("utf-8")


def test_the_command_takes_another_pack_and_leaves_texts_out(tmp_path: Path) -> None:
    write_pack(tmp_path / "pack", [yes_no("owner")], [rule("one", {"owner": "no"})])
    done = run("form", "export", "--to", "json-schema", "--rules", tmp_path / "pack", "--lang-less")
    assert done.returncode == 0
    assert json.loads(done.stdout)["properties"] == {"owner": {"type": "string", "enum": ["no", "yes"]}}


def test_the_command_warns_of_a_gate_that_it_cannot_write(tmp_path: Path) -> None:
    questions = [number("work", 1, 60), yes_no("long", ask_when={"twice": {"above": 24}})]
    quantities = [{"id": "twice", "text": "Twice", "product": ["work", 2]}]
    write_pack(tmp_path / "pack", questions, [rule("one", {"long": "no"})], quantities)
    done = run("form", "export", "--to", "json-schema", "--rules", tmp_path / "pack")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: ")
    assert "questions.yaml:" in done.stderr and "RE-701 `ask_when` of `long`" in done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "jsonschema"], "jsonschema"),
        ([], "--to"),
        (["--to", "json-schema", "--rules", "nowhere"], "RE-105"),
        (["--to", "json-schema", "-o", "nowhere/form.json"], "RE-801"),
    ],
)
def test_wrong_usage_ends_with_2_and_writes_nothing(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = run("form", "export", *(str(tmp_path / one) if "nowhere" in one else one for one in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_assess_reads_what_the_schema_accepts(small: Pack) -> None:
    raw = {"kind": "model", "labels": "yes", "checked": "n/a"}
    assert answers_from_mapping(raw, small).values == {"kind": "model", "labels": "yes", "checked": NOT_APPLICABLE}
