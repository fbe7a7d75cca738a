"""A pack that extends another: weights changed, rules switched off, its own rules and questions added."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from faults import BASE

from riskengine.engines.forward import BUILT_IN
from riskengine.errors import ProblemError
from riskengine.pack.json_form import digest, pack_from_json, pack_to_json
from riskengine.pack.locate import shipped
from riskengine.pack.model import Pack
from riskengine.pack.read import content_digest, read_pack

Extend = Callable[..., Pack]

CHANGES = "area: team\nrules:\n  - {id: thin-team, weight: 0.9}\n"


def write(folder: Path, head: str = "extends: ../base", **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(f'name: {folder.name}\nversion: "2"\n{head}\n')
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


@pytest.fixture
def extend(tmp_path: Path) -> Extend:
    shutil.copytree(BASE, tmp_path / "base")

    def extend(head: str = "extends: ../base", **files: str) -> Pack:
        return read_pack(write(tmp_path / "own", head, **files))

    return extend


def test_a_pack_that_changes_nothing_is_the_base_under_its_own_name(extend: Extend) -> None:
    pack, base = extend(), read_pack(BASE)
    assert (pack.name, pack.version, pack.licence) == ("own", "2", base.licence)
    assert (pack.rules, pack.questions, pack.quantities, pack.sources) == (
        base.rules,
        base.questions,
        base.quantities,
        base.sources,
    )
    assert (pack.ends, pack.areas, pack.phases, pack.base_rate) == (base.ends, base.areas, base.phases, base.base_rate)


def test_a_weight_may_be_set_and_the_rule_says_who_set_it(extend: Extend) -> None:
    pack = extend(rules=CHANGES)
    rule = pack.rule["thin-team"]
    assert (rule.weight, rule.origin, rule.changed_by) == (0.9, "tiny 1", "own 2")
    assert [one.id for one in pack.rules] == [one.id for one in read_pack(BASE).rules]
    assert pack.rule["lonely-team"].changed_by is None


def test_a_file_of_changes_needs_no_area(extend: Extend) -> None:
    assert extend(rules="rules:\n  - {id: thin-team, weight: 0}\n").rule["thin-team"].weight == 0


def test_a_rule_may_be_switched_off(extend: Extend) -> None:
    pack = extend(rules="rules:\n  - {id: lonely-team, off: true}\n")
    assert "lonely-team" not in pack.rule
    assert pack.ruled_out == ()


def test_the_conclusion_of_the_last_rule_switched_off_is_ruled_out(extend: Extend) -> None:
    pack = extend(rules="rules:\n  - {id: thin-team, off: true}\n")
    assert pack.ruled_out == ("thin_team",)
    found = BUILT_IN.findings(pack, {"team_size": 1.0, "has_owner": "no"})
    assert found.conclusions["thin_team"] is False
    assert found.rules["lonely-team"] is False
    assert BUILT_IN.findings(pack, {}).rules["lonely-team"] is False


def test_examples_of_the_base_are_no_mistake_of_a_pack_that_changes_what_they_rest_on(extend: Extend) -> None:
    # `lonely-team` has an example that fires, and now it never can
    pack = extend(rules="rules:\n  - {id: thin-team, off: true}\n")
    assert pack.rule["lonely-team"].examples[0].state == "fires"
    form = pack_to_json(pack)
    assert pack_to_json(pack_from_json({**form, "hash": digest(form)}, "own.json")) == form


def test_another_rule_may_establish_the_conclusion_instead(extend: Extend) -> None:
    pack = extend(
        rules="area: team\nrules:\n  - {id: thin-team, off: true}\n"
        "  - {id: tiny-team, title: Tiny, when: {team_size: {at_most: 1}}, concludes: thin_team}\n"
    )
    assert pack.ruled_out == ()
    assert BUILT_IN.findings(pack, {"team_size": 1.0, "has_owner": "no"}).rules["lonely-team"] is True


def test_new_questions_quantities_rules_areas_and_sources_come_after_those_of_the_base(extend: Extend) -> None:
    pack = extend(
        "extends: ../base\nareas: {money: Money}",
        more="""
questions:
  - id: budget
    area: money
    phase: planning
    text: What may it cost?
    help: In all.
    type: number
    minimum: 1
    maximum: 9
    worse: low
    shares: {0: 1, 100: 9}
    change: low
    ask_when: {stage: live, users_each: {above: 1}}
quantities:
  - {id: budget_each, text: For each person, ratio: [budget, team_size]}
""",
        rules="""
area: money
rules:
  - id: poor-and-thin
    title: Neither money nor people
    when: {budget_each: {below: 2}, all: [thin_team]}
    weight: 0.2
    sources: [study, ledger]
""",
        sources="sources:\n  ledger: {cite: Our own ledger}\n",
    )
    assert pack.questions[-1].id == "budget"
    assert pack.quantities[-1].id == "budget_each"
    assert pack.areas[-1] == ("money", "Money")
    assert [key for key, _ in pack.sources] == ["study", "ledger"]
    assert (pack.rules[-1].id, pack.rules[-1].origin) == ("poor-and-thin", "own 2")
    assert pack.gate_questions["budget"] == ("stage", "team_size", "users")


def test_the_base_rate_may_be_that_of_the_reader_s_own_house(extend: Extend) -> None:
    pack = extend("extends: ../base\nbase_rate: {value: 0.3, failure: Given up in our house.}")
    assert (pack.base_rate.value, pack.base_rate.source) == (0.3, ())


def test_a_pack_may_extend_one_that_extends_another(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "base")
    write(tmp_path / "middle", rules=CHANGES)
    write(tmp_path / "own", "extends: ../middle", rules="rules:\n  - {id: lonely-team, weight: 0.1}\n")
    pack = read_pack(tmp_path / "own")
    changed = {rule.id: (rule.weight, rule.changed_by) for rule in pack.rules if rule.changed_by}
    assert changed == {"thin-team": (0.9, "middle 2"), "lonely-team": (0.1, "own 2")}


def test_a_rule_that_the_middle_pack_switched_off_cannot_be_changed_any_more(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "base")
    write(tmp_path / "middle", rules="rules:\n  - {id: lonely-team, off: true}\n")
    write(tmp_path / "own", "extends: ../middle", rules="rules:\n  - {id: lonely-team, weight: 0.1}\n")
    with pytest.raises(ProblemError) as caught:
        read_pack(tmp_path / "own")
    assert [one.code for one in caught.value.problems] == ["RE-104"]


def test_a_misspelt_rule_to_change_suggests_the_nearest(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "base")
    write(tmp_path / "own", rules="rules:\n  - {id: thin-taem, weight: 0.1}\n")
    with pytest.raises(ProblemError) as caught:
        read_pack(tmp_path / "own")
    assert [(one.code, one.help) for one in caught.value.problems] == [("RE-104", "did you mean `thin-team`?")]


def test_a_changed_weight_of_another_sign_mixes_the_group_and_is_shown_where_it_was_set(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "base")
    more = "area: team\nrules:\n  - {id: b, title: B, when: {team_size: {below: 1}}, weight: 0.1, group: size}\n"
    write(tmp_path / "middle", more=more)
    write(tmp_path / "own", "extends: ../middle", rules="rules:\n  - {id: b, weight: -0.9}\n")
    with pytest.raises(ProblemError) as caught:
        read_pack(tmp_path / "own")
    (problem,) = caught.value.problems
    assert (problem.code, problem.source.file, problem.source.column) == (
        "RE-210",
        str(tmp_path / "own/rules.yaml"),
        21,
    )


def test_the_shipped_pack_is_extended_by_its_name(tmp_path: Path) -> None:
    base = read_pack(shipped("rules"))
    rule = next(one for one in base.rules if one.weight and not one.concludes)
    write(tmp_path / "own", "extends: riskengine", rules=f"rules:\n  - {{id: {rule.id}, off: true}}\n")
    pack = read_pack(tmp_path / "own")
    assert len(pack.rules) == len(base.rules) - 1
    assert pack.rules[0].origin == f"{base.name} {base.version}"


def test_a_one_file_pack_may_be_extended_and_keeps_where_its_rules_came_from(tmp_path: Path) -> None:
    form = pack_to_json(read_pack(BASE))
    (tmp_path / "base.json").write_text(json.dumps({**form, "hash": digest(form)}))
    write(tmp_path / "own", "extends: ../base.json", rules=CHANGES)
    pack = read_pack(tmp_path / "own")
    assert (pack.rule["thin-team"].weight, pack.rule["thin-team"].origin) == (0.9, "tiny 1")
    assert pack.rule["lonely-team"].examples == read_pack(BASE).rule["lonely-team"].examples


@pytest.mark.parametrize("name", ["../own", ".", "../middle", '"a\\0b"', "x" * 290, "''"])
def test_circles_and_impossible_names_are_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path / "middle", "extends: ../own")
    write(tmp_path / "own", f"extends: {name}")
    for read in (read_pack, content_digest):
        if read is content_digest and name in ("../own", ".", "../middle", "''"):
            # it ends after ten steps; the loader says what is wrong
            assert read(tmp_path / "own")
            continue
        with pytest.raises(ProblemError) as caught:
            read(tmp_path / "own")
        assert caught.value.problems[0].code in ("RE-106", "RE-105", "RE-104")


def test_a_chain_of_many_packs_ends_somewhere(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / f"p{number}", f"extends: ../p{number + 1}")
    shutil.copytree(BASE, tmp_path / "p30")
    with pytest.raises(ProblemError) as caught:
        read_pack(tmp_path / "p0")
    assert {one.code for one in caught.value.problems} == {"RE-106"}
    content_digest(tmp_path / "p0")


@pytest.mark.parametrize("line", ["extends: ../base", "'extends': \"../base\"  # a remark", "extends:\n  ../base"])
def test_the_digest_of_a_pack_changes_with_the_pack_it_extends(line: str, tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "base")
    own = write(tmp_path / "own", line)
    before = content_digest(own)
    (tmp_path / "base" / "sources.yaml").write_text("sources:\n  study: {cite: Another}\n")
    assert content_digest(own) != before


def test_the_problems_of_the_extended_pack_follow_with_their_own_places(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "base")
    (tmp_path / "base" / "team.yaml").write_text("area: team\nrules:\n  - {id: a}\n")
    write(tmp_path / "own", sources="sources:\n  b: {}\n")
    with pytest.raises(ProblemError) as caught:
        read_pack(tmp_path / "own")
    assert [(one.code, Path(one.source.file or "").parent.name) for one in caught.value.problems] == [
        ("RE-104", "own"),
        ("RE-106", "own"),
        ("RE-104", "base"),
    ]
