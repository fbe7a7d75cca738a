"""The schemas of a pack's files refuse nothing that the loader takes, and all that one can know from a file alone."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.run import nothing_but, run
from faults import FAULTY, PACKS, stand_up
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from random_packs import Shape, random_pack

from riskengine.cli.rules.schema import Kind
from riskengine.errors import Problem, ProblemError
from riskengine.pack.files import pack_files
from riskengine.pack.json_schemas import FILE_KINDS, FOLDER, file_schema, hint, schema_name, schemas_of, written
from riskengine.pack.locate import shipped
from riskengine.pack.model import Pack
from riskengine.pack.read import read_pack
from riskengine.pack.source import plain, read_yaml

ROOT = Path(__file__).resolve().parents[2]
WORKED = ROOT / "docs" / "worked-example"

# what a schema of one file can't know, or a file that is no mapping of YAML
UNKNOWABLE = {
    "RE-104-empty-file",
    "RE-104-list-as-key",
    "RE-104-list-at-the-top",
    "RE-104-no-rules",  # rules could be in another file
    "RE-104-off-of-nothing",  # the pack could extend one that has the rule
    "RE-104-weight-of-nothing",
}
# other mistakes that lie in the shape of a file
KNOWN = {
    "RE-202-shares",
    "RE-202-true-for-yes",
    "RE-203-base-rate",
    "RE-203-weight",
    "RE-204-in-without-a-list",
    "RE-204-list-in-a-list",
    "RE-204-needless-reason",
    "RE-204-not-applicable",
    "RE-204-nothing-to-compare",
    "RE-204-number-with-levels",
    "RE-204-unit-of-a-choice",
    "RE-204-unknown-operator",
    "RE-204-worse",
    "RE-204-yes-no-with-levels",
    "RE-211-conclusion",
    "RE-211-question",
    "RE-212-fraction",
    "RE-212-text",
    "RE-212-zero",
    "RE-215-conclusion",
    "RE-216-head",
    "RE-216-no-change",
    "RE-216-rule",
    "RE-217-missing",
    "RE-217-negative",
    "RE-217-not-applicable",
    "RE-217-number-levels",
}


@cache
def validator(kind: str) -> Draft202012Validator:
    made = file_schema(kind)
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def as_json(value: object) -> object:
    """Give keys as an editor sees them: as texts."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): as_json(part) for key, part in value.items()}
    return [as_json(part) for part in value] if isinstance(value, list) else value


def kind_of(path: Path, content: dict[str, Any]) -> str:
    if path.name == "pack.yaml":
        return "pack"
    if path.name.endswith(".test.yaml"):
        return "tests"
    return next((kind for kind in ("rules", "sources") if kind in content), "questionnaire")


def contents(path: Path) -> dict[str, Any] | None:
    """Read a file; `None` if it is no mapping of YAML."""
    try:
        node = read_yaml(path.read_bytes(), str(path), aliases=True)
    except ProblemError:
        return None
    content = None if node is None else plain(node)
    return content if isinstance(content, dict) else None


def mistakes(path: Path) -> list[str]:
    content = contents(path)
    assert content is not None
    found = validator(kind_of(path, content)).iter_errors(as_json(content))
    return [f"{path.name} {list(one.path)}: {one.message}" for one in found]


# --- what the loader takes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [shipped("rules"), WORKED, FAULTY / "base"], ids=lambda one: one.name)
def test_every_file_of_a_correct_pack_is_accepted(folder: Path) -> None:
    files = pack_files(folder)
    assert len(files) >= 3
    assert [one for path in files for one in mistakes(path)] == []


@pytest.mark.parametrize("seed", range(12))
def test_every_file_of_a_random_pack_is_accepted(seed: int, tmp_path: Path) -> None:
    random_pack(seed, tmp_path, Shape(questions=8, rules=8))
    (folder,) = (path.parent for path in tmp_path.rglob("pack.yaml"))
    assert [one for path in pack_files(folder) for one in mistakes(path)] == []


def test_a_change_of_an_extended_pack_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "changes.yaml"
    path.write_text("rules:\n  - {id: nobody-answers, weight: 0.6}\n  - {id: seen-monthly, off: true}\n")
    assert mistakes(path) == []
    path = tmp_path / "pack.yaml"
    path.write_text('name: my-house\nversion: "2026.1"\nextends: ../bakery\nbase_rate: {value: 0.3}\n')
    assert mistakes(path) == []


# --- what the loader refuses -------------------------------------------------------------------------------


def faulty_files(case: str) -> list[Path]:
    files = [path for path in sorted((FAULTY / "packs" / case).rglob("*.yaml")) if path.is_file()]
    return [path for path in files if b"# expect" in path.read_bytes() and contents(path) is not None]


@pytest.mark.parametrize(
    "case", [case for case in PACKS if case[:6] in ("RE-103", "RE-104") and case not in UNKNOWABLE]
)
def test_a_file_of_a_wrong_shape_is_refused(case: str) -> None:
    assert [one for path in faulty_files(case) for one in mistakes(path)]


def test_of_other_mistakes_those_are_refused_that_one_file_shows() -> None:
    others = [case for case in PACKS if case.startswith("RE-") and case[:6] not in ("RE-103", "RE-104", "RE-106")]
    refused = {case for case in others if any(mistakes(path) for path in faulty_files(case))}
    assert refused == KNOWN


@pytest.mark.parametrize("case", sorted(UNKNOWABLE))
def test_what_is_left_to_the_loader_is_refused_by_it(case: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError):
        read_pack(stand_up(case, tmp_path))
    assert not [one for path in faulty_files(case) for one in mistakes(path)]


# --- the two together, on files with one mistake anywhere --------------------------------------------------

SPOILT: tuple[Any, ...] = (
    None,
    "",
    "n/a",
    "x",
    "Not a name",
    0,
    -1,
    2.5,
    99,
    True,
    [],
    {},
    ["x"],
    {"x": 1},
    [[]],
    [{}],
)
# what the loader misses in the pack as a whole
ELSEWHERE = ("the pack has no rules", "to change")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from places(part, (*path, key))


def spoil(content: dict[str, Any], chance: random.Random) -> None:
    """Make one change to a file's content."""
    *above, last = chance.choice(list(places(content)))
    holder: Any = content
    for key in above:
        holder = holder[key]
    kind = chance.choice(("value", "value", "remove", "rename", "add"))
    if kind == "remove":
        del holder[last]
    elif kind == "add" and isinstance(holder, dict):
        holder[chance.choice(("wieght", "all", "of", "at_least", "weight", "off", "n/a"))] = chance.choice(SPOILT)
    elif kind == "rename" and isinstance(holder, dict):
        holder[f"{last}_"] = holder.pop(last)
    else:
        holder[last] = chance.choice(SPOILT)


def problems_of(folder: Path) -> tuple[Problem, ...]:
    try:
        read_pack(folder)
    except ProblemError as error:
        return error.problems
    return ()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("random")
    for seed in range(3):
        random_pack(seed, folder, Shape(questions=6, conclusions=3, rules=4, wide=0))
    return [WORKED, FAULTY / "base", *sorted(path.parent for path in folder.rglob("pack.yaml"))]


@given(seed=st.integers(0, 10**9))
@settings(deadline=None, max_examples=200)
def test_a_schema_refuses_what_the_loader_finds_misshapen_and_nothing_that_it_takes(
    seed: int, folders: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    source = chance.choice(folders)
    files = {path.relative_to(source): contents(path) for path in pack_files(source)}
    spoilt = chance.choice(list(files))
    content = copy.deepcopy(files[spoilt])
    assert content is not None
    spoil(content, chance)
    folder = tmp_path_factory.mktemp("spoilt")
    for name, held in {**files, spoilt: content}.items():
        (folder / name).write_text(yaml.safe_dump(held, sort_keys=False, allow_unicode=True), encoding="utf-8")
    problems = problems_of(folder)
    found = mistakes(folder / spoilt)
    assert problems or not found
    misshapen = [one for one in problems if one.code in ("RE-103", "RE-104")]
    assert found or all(any(words in one.message for words in ELSEWHERE) for one in misshapen)


# --- what an editor shows ----------------------------------------------------------------------------------


def properties(made: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every property that a schema describes, those of definitions included."""
    if isinstance(made, list):
        for one in made:
            yield from properties(one)
    elif isinstance(made, dict):
        for key, part in made.items():
            if key == "properties" and "additionalProperties" in made:
                yield from part.items()
            if key not in ("if", "then", "else", "allOf", "oneOf"):
                yield from properties(part)


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_every_key_has_a_title_and_says_what_it_is(kind: str) -> None:
    listed = list(properties(file_schema(kind)))
    assert len(listed) > 3
    for key, made in listed:
        assert made["title"] == key
        assert re.fullmatch(r"[A-Z`].*\.", made["description"], re.DOTALL), (key, made["description"])


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(shipped("rules"))


def test_the_names_of_a_pack_are_offered_and_explained(pack: Pack) -> None:
    rules = file_schema("rules", pack)["$defs"]
    shown = rules["condition"]["properties"]["stage"]
    question = pack.question["stage"]
    assert shown["title"] == question.text
    assert f"- idea: {question.levels[0].label}" in shown["description"]
    assert shown["anyOf"][0] == {"enum": list(question.level_ids)}
    assert rules["condition"]["anyOf"][0] == {"enum": list(pack.rules_concluding)}
    assert rules["RuleModel"]["properties"]["leads_to"]["items"]["examples"] == [end.id for end in pack.ends]
    assert rules["answers"]["properties"]["stage"]["title"] == question.text
    tests = file_schema("tests", pack)["$defs"]["ProjectTestModel"]["properties"]
    assert tests["fires"]["items"]["examples"] == [rule.id for rule in pack.rules]


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_names_are_no_bounds(kind: str, pack: Pack) -> None:
    made = file_schema(kind, pack)
    Draft202012Validator.check_schema(made)
    named = Draft202012Validator(made)
    for folder in (shipped("rules"), FAULTY / "base", *(FAULTY / "packs" / case for case in PACKS)):
        for path in sorted(folder.rglob("*.yaml")):
            content = contents(path) if path.is_file() else None
            if content is not None and kind_of(path, content) == kind:
                assert named.is_valid(as_json(content)) is validator(kind).is_valid(as_json(content)), path


def test_every_file_of_the_shipped_pack_names_its_schema() -> None:
    root = shipped("rules")
    for path in pack_files(root):
        first = path.read_text("utf-8").splitlines()[0]
        content = contents(path)
        assert content is not None
        assert first == hint(kind_of(path, content)), path
    assert {path.name for path in (root / FOLDER).iterdir()} == {schema_name(kind) for kind in (*FILE_KINDS, "answers")}


# --- the command -------------------------------------------------------------------------------------------


def test_all_schemas_are_written_to_a_folder_that_is_made(tmp_path: Path, pack: Pack) -> None:
    done = run("rules", "schema", "-o", tmp_path / "schemas")
    assert (done.returncode, done.stdout) == (0, "")
    assert nothing_but(tmp_path / "schemas", *map(schema_name, Kind))
    for kind, made in schemas_of(pack).items():
        assert (tmp_path / "schemas" / schema_name(kind)).read_text("utf-8") == written(made)
    again = run("rules", "schema", "-o", tmp_path / "schemas")
    assert (again.returncode, again.stderr) == (0, done.stderr)


def test_one_schema_is_printed_for_another_pack() -> None:
    done = run("rules", "schema", WORKED, "--kind", "answers")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["title"].startswith("Answers file for ")


def test_the_kinds_of_the_command_are_those_of_the_schemas() -> None:
    assert list(Kind) == [*FILE_KINDS, "answers"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--kind"),
        (["--kind", "rule"], "rule"),
        (["-o", "nowhere/schemas"], "RE-801"),
        (["nowhere", "--kind", "rules"], "RE-105"),
    ],
)
def test_wrong_usage_ends_with_2_and_writes_nothing(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = run("rules", "schema", *(str(tmp_path / one) if "nowhere" in one else one for one in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not list(tmp_path.iterdir())
