"""The page on writing packs: its pieces make packs that load, and what it says about them holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from packs_page import files_on_page, text_of, write_packs

import riskengine
from riskengine.assessment.answers import answers_from_text
from riskengine.assessment.build import BuiltPack, build
from riskengine.assessment.reference import SAMPLE_SIZE
from riskengine.errors import ProblemError
from riskengine.logic.kleene import all_of, any_of, negation
from riskengine.pack import checks, files, schema, source
from riskengine.pack.model import RESERVED
from riskengine.pack.read import read_pack

WORDS = {"true": True, "false": False, "unknown": None}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("page")
    write_packs(where)
    return where


@pytest.fixture(scope="module")
def bakery(folder: Path) -> BuiltPack:
    return build(read_pack(folder / "bakery"))


def rows_after(head: str) -> Iterator[list[str]]:
    """Give the cells of the table whose header begins so."""
    table = text_of().split(f"| {head} |")[1].split("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_every_block_of_yaml_names_its_file() -> None:
    blocks = re.findall(r"^```yaml\n(.*)", text_of(), re.MULTILINE)
    assert all(re.fullmatch(r"# \S+\.yaml", first) for first in blocks), blocks
    assert {name.partition("/")[0] for name in files_on_page()} == {"bakery", "my-house", "mistakes", "answers.yaml"}


@pytest.mark.parametrize("pack", ["bakery", "my-house"])
def test_the_packs_of_the_page_load(folder: Path, pack: str) -> None:
    read = read_pack(folder / pack)
    for rule in read.rules:
        states = {example.state for example in rule.examples}
        assert states, rule.id
        assert rule.origin == "my-house 2026.1" or {"fires", "ruled_out"} <= states, rule.id


def test_the_page_shows_every_key_of_a_question_and_of_a_rule() -> None:
    page = text_of()
    for model in (schema.QuestionModel, schema.RuleModel, schema.PackFile, schema.SourceModel):
        for name, info in model.model_fields.items():
            key = re.escape(info.alias or name)
            assert re.search(rf"`{key}`|^ *(- )?(\{{.*)?{key}:", page, re.MULTILINE), name


def test_every_test_of_the_table_can_be_written(folder: Path, tmp_path: Path) -> None:
    write_packs(tmp_path)
    tests = [cells[0].strip("`") for cells in rows_after("you write")]
    tests += ["owner: {is: no}", "users_met: {in: [never, once]}", "supplier_data: {is_not: yes}"]
    rules = "".join(
        f"  - {{id: test-{number}, title: A test, when: {{{test}}}, weight: 0.1}}\n"
        for number, test in enumerate(tests)
    )
    (tmp_path / "bakery" / "more.yaml").write_text(f"area: team\nrules:\n{rules}", "utf-8")
    assert len(read_pack(tmp_path / "bakery").rules) == len(read_pack(folder / "bakery").rules) + len(tests)
    assert len(tests) == 12


def test_the_table_of_three_values_is_kleene() -> None:
    found = 0
    for cells in rows_after("a"):
        a, b, both, either, turned = (WORDS[cell] for cell in cells)
        assert (all_of([a, b]), any_of([a, b]), negation(a)) == (both, either, turned)
        found += 1
    assert found == 6


def test_what_does_not_apply_makes_every_test_false(bakery: BuiltPack) -> None:
    states = {one.rule: one.state for one in riskengine.assess({"supplier_data": "n/a"}, pack=bakery).all_findings}
    assert states["supplier-not-bound"] == "ruled_out"


def test_an_answer_behind_a_gate_is_ignored_or_waits(bakery: BuiltPack) -> None:
    closed = riskengine.assess({"uses_labels": "no", "label_check": "nobody"}, pack=bakery)
    waiting = riskengine.assess({"label_check": "nobody"}, pack=bakery)
    assert "ignored" in [one.kind for one in closed.warnings]
    assert ("open_gate", ("label_check", "uses_labels")) in [(one.kind, one.questions) for one in waiting.warnings]


def test_old_names_are_read(bakery: BuiltPack) -> None:
    old = answers_from_text(b"uses_labels: yes\nlabels: all_of_them\n", "old.yaml", bakery.pack)
    assert old.values["label_check"] == "every"


def test_a_contradiction_warns_and_adds_nothing(bakery: BuiltPack) -> None:
    result = riskengine.assess({"owner": "yes", "users_met": "never"}, pack=bakery)
    assert "owner-never-seen" in [one.rule for one in result.warnings]
    assert "owner-never-seen" not in [one.rule for one in result.all_findings]


def test_doubling_every_weight_changes_nothing(bakery: BuiltPack, tmp_path: Path) -> None:
    write_packs(tmp_path)
    for path in (tmp_path / "bakery" / "rules").iterdir():
        text = path.read_text("utf-8")
        doubled = re.sub(r"(?<=weight: )-?[0-9.]+", lambda found: str(2 * float(found[0])), text)
        path.write_text(doubled, "utf-8")
    other = build(read_pack(tmp_path / "bakery"))
    answers = {"owner": "no", "people": 1, "work": 14}
    before, after = (riskengine.assess(answers, pack=pack).probability for pack in (bakery, other))
    assert after == pytest.approx(before, abs=1e-6)


def test_the_answers_file_of_the_page_is_read(bakery: BuiltPack) -> None:
    answers = answers_from_text(files_on_page()["answers.yaml"].encode(), "answers.yaml", bakery.pack)
    result = riskengine.assess(answers, pack=bakery)
    assert (answers.project, answers.date, answers.pack) == ("Forecast for the bakeries", "2026-03-01", "bakery")
    assert "users_met" in result.unanswered
    assert set(answers.notes) == {"people"}


def test_the_extending_pack_is_what_the_page_says(folder: Path) -> None:
    own, base = read_pack(folder / "my-house"), read_pack(folder / "bakery")
    assert own.base_rate.value == 0.3
    assert own.rule["nobody-answers"].weight == 0.6
    assert own.rule["nobody-answers"].changed_by == "my-house 2026.1"
    assert set(base.rule) - set(own.rule) == {"labels-unchecked", "seen-monthly"}
    assert own.ruled_out == ("users_heard",)
    assert [question.id for question in own.questions] == [*(one.id for one in base.questions), "ovens"]


def test_the_mistakes_are_reported_as_shown(folder: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read_pack(folder / "mistakes")
    text = str(caught.value).replace(str((folder / "mistakes").resolve()) + "/", "")
    count = f"{len(caught.value.problems)} problems; nothing was written"
    assert f"```text\n{text}\n{count}\n```" in text_of()


def test_the_limits_are_those_of_the_code() -> None:
    page = " ".join(text_of().split())
    assert f"At most {checks.MAX_RULES:,} rules, {checks.MAX_QUESTIONS} questions" in page
    assert f"{files.MAX_FILES:,} files of up to {files.MAX_FILE_BYTES // 1_000_000} MB" in page
    assert f"{source.MAX_DEPTH} levels of nesting and {source.MAX_NODES:,} values" in page
    assert f"{checks.MAX_CLAUSE_SIZE:,} parts of" in page
    assert f"{SAMPLE_SIZE:,} projects are drawn" in page
    assert ", ".join(f"`{word}`" for word in RESERVED[:-1]) + f" and `{RESERVED[-1]}` are reserved" in page


def test_the_scale_of_judgement_is_that_of_the_shipped_pack() -> None:
    scale = dict(read_pack(Path(__file__).parents[2] / "rules").sources)["judgement"]
    assert scale.split(": ", 1)[1].removesuffix(".") in " ".join(text_of().split())
