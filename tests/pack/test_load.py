"""A folder of YAML becomes a pack, with every name resolved and every part in its place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from faults import BASE

from riskengine.errors import ProblemError
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Not, Test, walk
from riskengine.pack.files import pack_files
from riskengine.pack.locate import shipped
from riskengine.pack.model import Pack
from riskengine.pack.read import content_digest, read_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "pack")
    return tmp_path / "pack"


def add(folder: Path, rules: str, name: str = "more.yaml") -> Pack:
    (folder / name).write_text(f"area: team\nrules:\n{rules}")
    return read_pack(folder)


def when(folder: Path, condition: str) -> object:
    return add(folder, f"  - {{id: a, title: A, when: {condition}, weight: 0.1}}\n").rule["a"].when


def test_the_head_of_a_pack_is_read() -> None:
    pack = read_pack(BASE)
    assert (pack.name, pack.version, pack.licence) == ("tiny", "1", "Apache-2.0")
    assert (pack.base_rate.value, pack.base_rate.low, pack.base_rate.high) == (0.4, 0.2, 0.6)
    assert [end.id for end in pack.ends] == ["cancelled", "overrun"]
    assert [(level.id, level.start) for level in pack.risk_levels] == [("low", 0), ("high", 0.5)]
    assert dict(pack.sources) == {"study": "A study of 100 projects, 2020"}


def test_a_yes_no_question_has_the_levels_no_and_yes() -> None:
    assert read_pack(BASE).question["has_owner"].level_ids == ("no", "yes")


def test_a_quantity_knows_the_questions_it_is_made_of_and_their_gates() -> None:
    pack = read_pack(BASE)
    assert pack.questions_of["users_each"] == ("team_size", "users")
    assert pack.gates["users_each"] == (Test("stage", "is", "live", ("idea", "building", "live")),)
    assert pack.gate_questions["users"] == ("stage",)


def test_a_rule_has_the_area_of_its_file_unless_it_names_one() -> None:
    pack = read_pack(BASE)
    assert (pack.rule["thin-team"].area, pack.rule["live-and-thin"].area) == ("team", "goals")


def test_a_rule_says_where_it_stands_and_which_pack_wrote_it() -> None:
    rule = read_pack(BASE).rule["lonely-team"]
    assert (rule.source.line, rule.source.column, rule.origin, rule.changed_by) == (17, 9, "tiny 1", None)


STAGES = ("idea", "building", "live")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{stage: idea}", Test("stage", "is", "idea", STAGES)),
        ("{stage: [idea, live]}", Test("stage", "in", ("idea", "live"), STAGES)),
        ("{stage: {is_not: idea}}", Test("stage", "is_not", "idea", STAGES)),
        ("{stage: {at_least: building}}", Test("stage", "at_least", "building", STAGES)),
        ("{has_owner: no}", Test("has_owner", "is", "no", ("no", "yes"))),
        ("{team_size: 0x1F}", Test("team_size", "is", 31.0)),
        ("{team_size: [1, 2.5]}", Test("team_size", "in", (1.0, 2.5))),
        (
            "{team_size: {above: 010, at_most: 20}}",
            All((Test("team_size", "above", 10.0), Test("team_size", "at_most", 20.0))),
        ),
        ("{users_each: {below: 3}}", Test("users_each", "below", 3.0)),
        ("{all: [thin_team]}", All((Conclusion("thin_team"),))),
        (
            "{any: [thin_team, {has_owner: no}]}",
            Any((Conclusion("thin_team"), Test("has_owner", "is", "no", ("no", "yes")))),
        ),
        ("{not: thin_team}", Not(Conclusion("thin_team"))),
        (
            "{at_least: 1, of: [thin_team, {stage: idea}]}",
            AtLeast(1, (Conclusion("thin_team"), Test("stage", "is", "idea", STAGES))),
        ),
        (
            "{of: [thin_team], at_least: 1, stage: live}",
            All((AtLeast(1, (Conclusion("thin_team"),)), Test("stage", "is", "live", STAGES))),
        ),
        ("thin_team", Conclusion("thin_team")),
    ],
)
def test_a_condition_is_read_into_the_intermediate_form(written: str, read: object, folder: Path) -> None:
    assert when(folder, written) == read


def test_rules_may_use_conclusions_of_later_files_and_keep_the_order_of_the_files(folder: Path) -> None:
    pack = add(folder, "  - {id: a, title: A, when: {all: [thin_team]}, weight: 0.1}\n", "aaa.yaml")
    assert [rule.id for rule in pack.rules] == ["a", "thin-team", "lonely-team", "live-and-thin"]
    assert pack.rule_order.index("a") > pack.rule_order.index("thin-team")


def test_aliases_save_writing_in_a_pack(folder: Path) -> None:
    pack = add(
        folder,
        "  - {id: a, title: A, when: &small {team_size: {below: 3}}, weight: 0.1}\n"
        "  - {id: b, title: B, when: {all: [*small, thin_team]}, weight: 0.1}\n",
    )
    assert list(walk(pack.rule["b"].when))[1] == pack.rule["a"].when


def test_a_rule_without_weight_that_concludes_weighs_nothing(folder: Path) -> None:
    assert add(folder, "  - {id: a, title: A, when: {has_owner: no}, concludes: b}\n").rule["a"].weight == 0


def test_a_number_may_not_apply_and_then_has_a_share_of_that() -> None:
    assert dict(read_pack(BASE).question["users"].shares) == {"0": 0, "100": 1000, "n/a": 0.2}


def test_byte_order_mark_and_windows_line_ends_change_nothing(folder: Path) -> None:
    for path in folder.glob("*.yaml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_pack(folder).rules == read_pack(BASE).rules


# --- files -------------------------------------------------------------------------------------------------


def test_folders_below_and_both_endings_belong_to_a_pack_but_tests_hidden_files_and_other_packs_do_not(
    folder: Path,
) -> None:
    for name in (
        "deep/er/a.yaml",
        "b.yml",
        "c.test.yaml",
        ".hidden.yaml",
        ".git/d.yaml",
        "e.txt",
        "other/pack.yaml",
        "other/f.yaml",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    names = [path.relative_to(folder).as_posix() for path in pack_files(folder)]
    assert names == ["pack.yaml", "b.yml", "deep/er/a.yaml", "questionnaire.yaml", "sources.yaml", "team.yaml"]


@pytest.mark.parametrize("name", ["", "missing", "pack.yaml/below", "x" * 300, "a\0b", "empty"])
def test_what_is_no_pack_is_a_problem_and_no_crash(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "pack.yaml").mkdir()
    with pytest.raises(ProblemError) as caught:
        read_pack(tmp_path / name)
    assert [one.code for one in caught.value.problems] == ["RE-105"]


def test_naming_a_file_of_the_pack_instead_of_its_folder_is_explained() -> None:
    with pytest.raises(ProblemError, match="name the folder of a pack") as caught:
        read_pack(BASE / "pack.yaml")
    assert caught.value.problems[0].code == "RE-109"


def test_a_pipe_in_the_folder_of_a_pack_is_refused_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    for read in (read_pack, content_digest):
        with pytest.raises(ProblemError) as caught:
            read(folder)
        assert [one.code for one in caught.value.problems] == ["RE-105"]


def test_the_digest_of_a_folder_changes_with_every_byte_and_name(folder: Path) -> None:
    seen = {content_digest(folder)}
    (folder / "sources.yaml").write_text((folder / "sources.yaml").read_text() + "# remark\n")
    seen.add(content_digest(folder))
    (folder / "sources.yaml").rename(folder / "zources.yaml")
    seen.add(content_digest(folder))
    (folder / "notes.txt").write_text("no part of the pack")
    seen.add(content_digest(folder))
    assert len(seen) == 3


# --- the shipped pack --------------------------------------------------------------------------------------


def test_the_shipped_pack_loads() -> None:
    pack = read_pack(shipped("rules"))
    assert pack.name == "riskengine"
    assert len(pack.rules) >= 32


def test_every_rule_of_the_shipped_pack_is_explained_sourced_and_shown_by_examples() -> None:
    for rule in read_pack(shipped("rules")).rules:
        assert rule.why
        assert rule.advice
        assert rule.sources
        assert {"fires", "ruled_out"} <= {example.state for example in rule.examples}, rule.id
