"""The model file: read if it is whole and belongs to the pack, refused otherwise, and never executed."""

from __future__ import annotations

import builtins
import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults import BASE

from riskengine.assessment.build import BuiltPack, build
from riskengine.assessment.model_file import Model, _hash, model_to_json, read_model
from riskengine.errors import Problem, ProblemError
from riskengine.pack.read import read_pack

Form = dict[str, Any]


@pytest.fixture(scope="module")
def built() -> BuiltPack:
    return build(read_pack(BASE))


@pytest.fixture
def form(built: BuiltPack) -> Form:
    """A model as training writes it: here the prior, as if it had been trained."""
    trained = {
        "rows": 2,
        "own_projects": 0.0,
        "published_projects": 2.0,
        "studies": ["one"],
        "history_sha256": "0" * 64,
    }
    card: Form = {"studies": [], "areas": [], "factors": []}
    return copy.deepcopy({**model_to_json(built.prior), "trained_on": trained, "card": card})


def sealed(form: Form) -> Form:
    return {**form, "hash": _hash(form)}


def read(built: BuiltPack, path: Path, content: str | bytes | Form) -> Model:
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_model(path, built.pack, built.meaning_hash)


def refusal(built: BuiltPack, path: Path, content: str | bytes | Form) -> Problem:
    with pytest.raises(ProblemError) as caught:
        read(built, path, content)
    (problem,) = caught.value.problems
    assert problem.source.file == str(path)
    assert problem.help
    assert "\n" not in problem.message
    return problem


def test_a_model_written_and_read_back_is_the_same(built: BuiltPack, form: Form, tmp_path: Path) -> None:
    model = read(built, tmp_path / "model.json", sealed(form))
    assert model_to_json(model) == form
    assert model.hash == _hash(form)
    assert model.trained_on == form["trained_on"]


def test_a_model_that_was_changed_is_refused(built: BuiltPack, form: Form, tmp_path: Path) -> None:
    changed = sealed(form) | {"base": 9.0}
    assert refusal(built, tmp_path / "model.json", changed).code == "RE-602"
    assert refusal(built, tmp_path / "model.json", form).code == "RE-602"


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.999])
def test_a_model_that_was_cut_off_is_refused(share: float, built: BuiltPack, form: Form, tmp_path: Path) -> None:
    text = json.dumps(sealed(form))
    assert refusal(built, tmp_path / "model.json", text[: int(len(text) * share)]).code == "RE-602"


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "3",
        "null",
        "{}",
        '{"schema": 1}',
        "[" * 100_000,
        '{"schema": 1, "base": ' + "9" * 5_000 + "}",
        b"\xff\xfe",
        b"\x00",
        pickle.dumps({"schema": 1}),
        '{"schema": 1, "name": "\\ud800"}',
    ],
    ids=lambda content: repr(content)[:20],
)
def test_what_is_no_model_is_refused(content: str | bytes, built: BuiltPack, tmp_path: Path) -> None:
    assert refusal(built, tmp_path / "model.json", content).code == "RE-602"


@pytest.mark.parametrize("schema", [2, 0, "1", None, [1]])
def test_a_model_of_another_schema_is_refused(schema: object, built: BuiltPack, form: Form, tmp_path: Path) -> None:
    problem = refusal(built, tmp_path / "model.json", sealed({**form, "schema": schema}))
    assert problem.code == "RE-602"
    assert "schema" in problem.message


def test_a_model_of_another_state_of_the_pack_is_refused(built: BuiltPack, form: Form, tmp_path: Path) -> None:
    form["pack"]["meaning_hash"] = "0" * 64
    problem = refusal(built, tmp_path / "model.json", sealed(form))
    assert problem.code == "RE-601"
    assert "tiny 1" in problem.message + problem.help


def test_a_model_of_a_pack_with_other_rules_is_called_one_of_another_pack_and_not_damaged(
    built: BuiltPack, form: Form, tmp_path: Path
) -> None:
    form["pack"] = {"name": "other", "version": "3", "meaning_hash": "0" * 64}
    form["factors"] = {"some-other-rule": 1.0}
    form["range"]["variances"] = [1.0]
    problem = refusal(built, tmp_path / "model.json", sealed(form))
    assert problem.code == "RE-601"
    assert "other 3" in problem.message


DAMAGE: dict[str, Callable[[Form], object]] = {
    "no base": lambda form: form.pop("base"),
    "base a text": lambda form: form.update(base="0.1"),
    "base true": lambda form: form.update(base=True),
    "base not a number": lambda form: form.update(base=float("nan")),
    "base infinite": lambda form: form.update(base=float("inf")),
    "base too long for a double": lambda form: form.update(base=10**400),
    "moderation zero": lambda form: form.update(moderation=0),
    "moderation negative": lambda form: form.update(moderation=-0.5),
    "moderation above one": lambda form: form.update(moderation=1.1),
    "moderation not a number": lambda form: form.update(moderation=float("nan")),
    "factor negative": lambda form: form["factors"].update({"thin-team": -0.1}),
    "factor missing": lambda form: form["factors"].pop("thin-team"),
    "factor not a number": lambda form: form["factors"].update({"thin-team": float("nan")}),
    "factors a list": lambda form: form.update(factors=[1.0, 1.0]),
    "quantile missing": lambda form: form["reference"].pop(),
    "quantile too many": lambda form: form["reference"].append(9.0),
    "quantile a text": lambda form: form["reference"].__setitem__(0, "low"),
    "range missing": lambda form: form.pop("range"),
    "range a list": lambda form: form.update(range=[]),
    "variance missing": lambda form: form["range"]["variances"].pop(),
    "variance negative": lambda form: form["range"]["variances"].__setitem__(0, -1.0),
    "variance not a number": lambda form: form["range"]["variances"].__setitem__(0, float("nan")),
    "direction too short": lambda form: form["range"].update(learnt=[[0.1]]),
    "direction not a number": lambda form: form["range"].update(
        learnt=[[float("nan")] * len(form["range"]["variances"])]
    ),
    "card a list": lambda form: form.update(card=[1, 2]),
    "card empty": lambda form: form.update(card={}),
    "card about a rule of another pack": lambda form: form["card"]["factors"].append(
        {"rule": "x", "weight": 1.0, "factor": 1.0, "prior_sd": 1.0, "sd": 1.0, "learnt": False}
    ),
    "training a number": lambda form: form.update(trained_on=5),
    "training without its projects": lambda form: form["trained_on"].pop("own_projects"),
    "training's rows a text": lambda form: form["trained_on"].update(rows="many"),
    "variances a number": lambda form: form["range"].update(variances=1.0),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_model_is_refused_even_if_its_hash_was_made_anew(
    what: str, built: BuiltPack, form: Form, tmp_path: Path
) -> None:
    DAMAGE[what](form)
    assert refusal(built, tmp_path / "model.json", sealed(form)).code == "RE-602"


@pytest.mark.parametrize("name", ["missing.json", "model.json/below", "."])
def test_a_model_that_cannot_be_read_is_refused(name: str, built: BuiltPack, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(ProblemError) as caught:
        read_model(tmp_path / name, built.pack, built.meaning_hash)
    assert [one.code for one in caught.value.problems] == ["RE-308"]


class _Trap:
    """An object whose pickle runs code when it is read."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return exec, (self._code,)


def test_nothing_of_a_model_file_is_executed(
    built: BuiltPack, form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "executed"
    code = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    trap = pickle.dumps(_Trap(code))
    monkeypatch.setattr(pickle, "loads", lambda *_args: pytest.fail("a pickle was read"))
    with monkeypatch.context() as patch:
        for name in ("eval", "exec"):
            patch.setattr(builtins, name, lambda *_args, **_named: pytest.fail("code was run"))
        refusal(built, tmp_path / "model.json", trap)
        read(built, tmp_path / "model.json", sealed({**form, "name": code}))
    assert not marker.exists()
