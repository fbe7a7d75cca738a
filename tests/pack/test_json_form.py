"""The one-file JSON form: what other programs read, hashed, and read back as the same pack."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults import BASE

from riskengine.errors import ProblemError
from riskengine.pack.json_form import canonical, digest, meaning, pack_from_json, pack_to_json
from riskengine.pack.locate import shipped
from riskengine.pack.model import Pack
from riskengine.pack.read import read_form, read_pack

Form = dict[str, Any]


def base_form() -> Form:
    return pack_to_json(read_pack(BASE))


def sealed(form: Form) -> Form:
    return {**form, "hash": digest(form)}


def content(pack: Pack) -> list[object]:
    """Everything that a pack holds; the places in files are left out of comparisons."""
    return [getattr(pack, field.name) for field in dataclasses.fields(pack)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "pack")
    return tmp_path / "pack"


# --- there and back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [BASE, shipped("rules")], ids=["tiny", "shipped"])
def test_a_pack_written_and_read_back_is_the_same_pack(folder: Path) -> None:
    pack = read_pack(folder)
    form = pack_to_json(pack)
    text = json.dumps(sealed(form), ensure_ascii=False)
    again = pack_from_json(json.loads(text), "pack.json")
    assert content(again) == content(pack)
    assert pack_to_json(again) == form


def test_a_zero_is_a_value_and_is_kept(folder: Path) -> None:
    (folder / "more.yaml").write_text("area: team\nrules:\n  - {id: a, title: A, when: {has_owner: no}, weight: 0}\n")
    form = pack_to_json(read_pack(folder))
    users = next(one for one in form["questions"] if one["id"] == "users")
    rule = next(one for one in form["rules"] if one["id"] == "a")
    assert (users["minimum"], rule["weight"]) == (0, 0)
    again = pack_from_json(sealed(form), "pack.json")
    assert (again.question["users"].minimum, again.rule["a"].weight) == (0, 0)
    assert len(again.weighed_rules) == 3


def test_absent_parts_are_left_out() -> None:
    form = base_form()
    assert "ask_when" not in form["questions"][0]
    assert "weight" not in form["rules"][2]
    assert "ruled_out" not in form
    assert None not in [value for one in form["rules"] for value in one.values()]


def test_the_shape_is_that_of_the_contract() -> None:
    form = base_form()
    assert form["questions"][0]["levels"][2] == {"id": "live", "label": "In use", "renamed_from": ["deployed"]}
    assert form["questions"][3]["ask_when"] == {"question": "stage", "op": "is", "value": "live"}
    assert form["quantities"] == [
        {"id": "users_each", "text": "Users for each person", "op": "ratio", "of": ["users", "team_size"]}
    ]
    assert form["rules"][1]["when"] == {
        "all": [{"question": "has_owner", "op": "is", "value": "no"}, {"all": [{"conclusion": "thin_team"}]}]
    }
    assert form["rules"][2]["when"]["all"][1] == {"quantity": "users_each", "op": "above", "value": 100}


def test_a_number_question_is_named_a_question_in_tests() -> None:
    assert base_form()["rules"][0]["when"] == {"question": "team_size", "op": "below", "value": 2}


# --- hashes ------------------------------------------------------------------------------------------------


def test_the_hash_is_of_canonical_json_without_hash_and_model() -> None:
    form = base_form()
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest(form) == hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert digest({**form, "hash": "x", "model": {"base": 1}}) == digest(form)
    assert digest(dict(reversed(form.items()))) == digest(form)


def test_canonical_json_is_utf_8_without_escapes_and_spaces() -> None:
    assert canonical({"b": "é", "a": [1, 2.5]}) == '{"a":[1,2.5],"b":"é"}'.encode()


def question(form: Form, name: str) -> Form:
    return next(one for one in form["questions"] if one["id"] == name)  # type: ignore[no-any-return]


TEXTS: dict[str, Callable[[Form], object]] = {
    "name": lambda form: form.update(name="other"),
    "version": lambda form: form.update(version="9"),
    "licence": lambda form: form.update(licence="MIT"),
    "failure": lambda form: form.update(failure="Other words."),
    "base rate's source": lambda form: form.update(base_rate_source=[]),
    "spread's source": lambda form: form.update(spread_source=[]),
    "coherence's source": lambda form: form.update(coherence_source=["study"]),
    "end's title": lambda form: form["ends"][0].update(title="Other"),
    "end's meaning": lambda form: form["ends"][0].update(means="Other"),
    "risk level's title": lambda form: form["risk_levels"][0].update(title="Other"),
    "area's title": lambda form: form["areas"][0].update(title="Other"),
    "question's text": lambda form: question(form, "stage").update(text="Other?"),
    "question's help": lambda form: question(form, "stage").update(help="Other."),
    "level's label": lambda form: question(form, "stage")["levels"][0].update(label="Other"),
    "reason": lambda form: question(form, "stage").update(worse_reason="Other."),
    "unit": lambda form: question(form, "team_size").update(unit="heads"),
    "effort": lambda form: question(form, "team_size").update(change="high"),
    "quick": lambda form: question(form, "team_size").update(quick=True),
    "quantity's text": lambda form: form["quantities"][0].update(text="Other"),
    "rule's title": lambda form: form["rules"][0].update(title="Other"),
    "why": lambda form: form["rules"][0].update(why="Other."),
    "advice": lambda form: form["rules"][0].update(advice="Other."),
    "rule's sources": lambda form: form["rules"][0].update(sources=[]),
    "basis": lambda form: form["rules"][0].update(basis="effect"),
    "examples": lambda form: form["rules"][0].update(examples=[]),
    "origin": lambda form: form["rules"][0].update(origin="other 1"),
    "citation": lambda form: form["sources"].update(study="Other"),
}
MEANING: dict[str, Callable[[Form], object]] = {
    "base rate": lambda form: form.update(base_rate=0.41),
    "base rate's range": lambda form: form.update(base_rate_low=0.1),
    "spread": lambda form: form.update(spread=1.2),
    "coherence": lambda form: form.update(coherence=0.3),
    "end's share": lambda form: (form["ends"][0].update(share=0.5), form["ends"][1].update(share=0.5)),
    "shares": lambda form: question(form, "has_owner").update(shares={"yes": 0.5, "no": 0.5}),
    "maximum": lambda form: question(form, "team_size").update(maximum=60),
    "worse": lambda form: question(form, "team_size").update(worse="high"),
    "level": lambda form: question(form, "stage")["levels"].reverse(),
    "gate": lambda form: question(form, "users").pop("ask_when"),
    "not applicable": lambda form: question(form, "users").pop("may_not_apply"),
    "order of questions": lambda form: form["questions"].append(form["questions"].pop(1)),
    "quantity": lambda form: form["quantities"][0].update(op="product"),
    "condition": lambda form: form["rules"][0]["when"].update(value=3),
    "conclusion": lambda form: form["rules"][1].update(concludes="lonely"),
    "weight": lambda form: form["rules"][0].update(weight=0.5),
    "group": lambda form: form["rules"][0].update(group="other"),
    "end": lambda form: form["rules"][0].update(leads_to=["cancelled"]),
    "area": lambda form: form["rules"][1].update(area="goals"),
    "rule": lambda form: form["rules"].pop(),
    "scale": lambda form: form.update(scale=2.0),
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_changes_the_hash_and_not_the_meaning(what: str) -> None:
    form = base_form()
    changed = copy.deepcopy(form)
    TEXTS[what](changed)
    assert changed != form
    assert digest(changed) != digest(form)
    assert meaning(changed) == meaning(form)


@pytest.mark.parametrize("what", MEANING)
def test_what_can_change_a_number_changes_both_hashes(what: str) -> None:
    form = base_form()
    changed = copy.deepcopy(form)
    MEANING[what](changed)
    assert digest(changed) != digest(form)
    assert meaning(changed) != meaning(form)


def test_shares_of_a_level_named_like_a_text_belong_to_the_meaning() -> None:
    form = base_form()
    for one in (changed := copy.deepcopy(form))["questions"], form["questions"]:
        one[1]["shares"] = {"title": 0.5, "name": 0.5}
    changed["questions"][1]["shares"] = {"title": 0.6, "name": 0.4}
    assert meaning(changed) != meaning(form)


# --- refused -----------------------------------------------------------------------------------------------


def refusal(form: object) -> str:
    with pytest.raises(ProblemError) as caught:
        pack_from_json(form, "pack.json")
    (problem,) = caught.value.problems
    assert (problem.code, problem.source.file) == ("RE-109", "pack.json")
    assert problem.help
    return problem.message


def test_a_file_that_was_changed_is_refused() -> None:
    form = sealed(base_form())
    form["rules"][0]["weight"] = 0.1
    assert "hash does not fit" in refusal(form)
    assert "hash does not fit" in refusal(base_form())


def test_a_meaning_hash_that_does_not_fit_is_refused() -> None:
    form = base_form()
    assert pack_from_json(sealed({**form, "meaning_hash": meaning(form)}), "pack.json")
    assert "hash does not fit" in refusal(sealed({**form, "meaning_hash": "0" * 64}))


def test_what_is_no_pack_or_of_another_schema_is_refused() -> None:
    assert "lacks" in refusal([])
    assert "lacks" in refusal(None)
    assert "lacks" in refusal({"schema": 1})
    for schema in (2, 0, "1", None, [1]):
        assert "schema" in refusal(sealed({**base_form(), "schema": schema}))


def deep(levels: int) -> Form:
    condition: Form = {"conclusion": "thin_team"}
    for _ in range(levels):
        condition = {"not": condition}
    return condition


DAMAGE: dict[str, Callable[[Form], object]] = {
    "no name": lambda form: form.pop("name"),
    "name a number": lambda form: form.update(name=3),
    "base rate a text": lambda form: form.update(base_rate="0.4"),
    "spread not a number": lambda form: form.update(spread=float("nan")),
    "questions a text": lambda form: form.update(questions="stage"),
    "question a list": lambda form: form["questions"].append([]),
    "question twice": lambda form: form["questions"].append(form["questions"][0]),
    "quantity named like a question": lambda form: form["quantities"][0].update(id="stage"),
    "rule twice": lambda form: form["rules"].append(form["rules"][0]),
    "weight infinite": lambda form: form["rules"][0].update(weight=float("inf")),
    "weight too long for a double": lambda form: form["rules"][0].update(weight=10**400),
    "weight a text": lambda form: form["rules"][0].update(weight="0.4"),
    "weight true": lambda form: form["rules"][0].update(weight=True),
    "group a list": lambda form: form["rules"][0].update(group=["size"]),
    "leads to a text": lambda form: form["rules"][0].update(leads_to="overrun"),
    "type unknown": lambda form: form["questions"][0].update(type="text"),
    "worse unknown": lambda form: form["questions"][0].update(worse="middle"),
    "share a text": lambda form: form["questions"][0]["shares"].update(idea="0.25"),
    "operation unknown": lambda form: form["quantities"][0].update(op="power"),
    "empty condition": lambda form: form["rules"][0].update(when={"all": []}),
    "condition a text": lambda form: form["rules"][0].update(when={"all": "thin_team"}),
    "nothing in a condition": lambda form: form["rules"][0].update(when={}),
    "unknown question": lambda form: form["rules"][0]["when"].update(question="teem_size"),
    "unknown operator": lambda form: form["rules"][0]["when"].update(op="like"),
    "unknown level": lambda form: form["rules"][0].update(when={"question": "stage", "op": "is", "value": "ideal"}),
    "a list to compare": lambda form: form["rules"][0]["when"].update(value=[1]),
    "nothing to compare": lambda form: form["rules"][0]["when"].update(value=None),
    "text to compare": lambda form: form["rules"][0]["when"].update(value="2"),
    "unknown conclusion": lambda form: form["rules"][0].update(when={"conclusion": "thin_taem"}),
    "count too high": lambda form: form["rules"][0].update(when={"at_least": 2, "of": [deep(0)]}),
    "count a text": lambda form: form["rules"][0].update(when={"at_least": "1", "of": [deep(0)]}),
    "count zero": lambda form: form["rules"][0].update(when={"at_least": 0, "of": [deep(0)]}),
    "nested deep": lambda form: form["rules"][1].update(when=deep(100)),
    "gate on a later question": lambda form: form["questions"].reverse(),
    "due by a later answer": lambda form: form["questions"][0].update(
        due_when={"question": "has_owner", "op": "is", "value": "no"}
    ),
    "gate on a conclusion": lambda form: form["questions"][3].update(ask_when={"conclusion": "thin_team"}),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_pack_is_refused_even_if_its_hash_was_made_anew(what: str) -> None:
    form = copy.deepcopy(base_form())
    DAMAGE[what](form)
    refusal(sealed(form))


def test_a_pack_nested_beyond_all_measure_is_refused() -> None:
    form = base_form()
    form["rules"][1]["when"] = deep(100_000)
    refusal({**form, "hash": "0" * 64})


def test_mistakes_that_a_folder_may_have_as_well_are_reported_as_there() -> None:
    form = copy.deepcopy(base_form())
    form["rules"][0]["leads_to"] = ["overun"]
    form["ends"][0]["share"] = 0.5
    form["rules"][0]["when"] = {"not": {"conclusion": "thin_team"}}
    form["rules"][1]["examples"][0]["state"] = "ruled_out"
    with pytest.raises(ProblemError) as caught:
        pack_from_json(sealed(form), "pack.json")
    assert [(one.code, str(one.source)) for one in caught.value.problems] == [
        ("RE-209", "pack.json:thin-team.leads_to.0"),
        ("RE-217", "pack.json:ends"),
        ("RE-205", "pack.json:thin-team.id"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "1:1"),
        ("[", "1:2"),
        ('{"schema": 1,\n "rules": [}', "2:12"),
        ("[]", None),
        ("3", None),
        ('{"spread": NaN}', None),
        ('{"spread": Infinity}', None),
        ("[" * 100_000, None),
        ('{"weight": ' + "9" * 5_000 + "}", None),
    ],
)
def test_a_file_that_holds_no_object_is_refused(text: str, place: str | None, tmp_path: Path) -> None:
    path = tmp_path / "pack.json"
    path.write_text(text)
    with pytest.raises(ProblemError) as caught:
        read_form(path)
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.source)) == ("RE-109", f"{path}:{place}" if place else str(path))


# --- old names ---------------------------------------------------------------------------------------------


def test_old_names_travel_with_the_pack() -> None:
    again = pack_from_json(sealed(base_form()), "pack.json")
    assert again.question["has_owner"].renamed_from == ("owned",)
    assert again.question["stage"].levels[2].renamed_from == ("deployed",)


def test_a_program_may_sort_the_keys_of_the_file() -> None:
    pack = read_pack(BASE)
    text = json.dumps(sealed(pack_to_json(pack)), sort_keys=True)
    again = pack_from_json(json.loads(text), "pack.json")
    numbers = [question.id for question in pack.questions if question.type == "number"]
    assert numbers
    assert all(again.question[one].shares == pack.question[one].shares for one in numbers)
