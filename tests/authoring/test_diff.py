"""`rules diff` says all that changed between two packs, and what it does to projects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from cli.run import run
from faults import FAULTY
from random_packs import choice, number, rule, write_pack, yes_no

import riskengine
from riskengine.assessment.build import load_pack
from riskengine.authoring.diff.comparison import compare_packs
from riskengine.authoring.diff.data import comparison_data
from riskengine.pack.locate import shipped

Made = Mapping[str, Any]

KIND = choice("kind", ["model", "rented", "report"], worse="none")
OWNER = yes_no("owner", worse="no")
PEOPLE = number("people", 1, 10, worse="low")
NO_OWNER = rule("no-owner", {"owner": "no"}, 1.0, concludes="no_owner", leads_to=["cancelled"])
FEW = rule("few", {"people": {"below": 3}}, 0.5)


def pack(
    folder: Path,
    questions: Sequence[Made] = (KIND, OWNER, PEOPLE),
    rules: Sequence[Made] = (NO_OWNER, FEW),
    **more: Any,
) -> Path:
    quantities = more.pop("quantities", ())
    write_pack(folder, questions, rules, quantities, **more)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Packs that several tests write alike are built once, and none in the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def compared(old: Path, new: Path, *answers: Path, points: float = 5.0) -> dict[str, Any]:
    """Give what the command prints with `--json`."""
    data = comparison_data(compare_packs(load_pack(old), load_pack(new), answers, points))
    return dict(json.loads(json.dumps(data)))


def entries(data: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    return {(one["kind"], one["id"]): one for one in data["changes"]}


def keys(entry: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None, bool]]:
    return {one["key"]: (one["old"], one["new"], one["counts"]) for one in entry["changes"]}


# --- what changed ------------------------------------------------------------------------------------------


def test_a_pack_and_its_copy_are_the_same(tmp_path: Path) -> None:
    done = run("rules", "diff", pack(tmp_path / "old"), pack(tmp_path / "new"), "--fail-above", 0)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["test-pack 1 -> test-pack 1", "", "No number changes: the packs are the same."]


def test_texts_change_no_number(tmp_path: Path) -> None:
    asked = {**OWNER, "text": "Who owns it?", "help": "By name.", "quick": True}
    told = {**NO_OWNER, "title": "Nobody's", "why": "So it is."}
    old, new = pack(tmp_path / "old"), pack(tmp_path / "new", (KIND, asked, PEOPLE), (told, FEW), version="2")
    data = compared(old, new)
    assert data["means_the_same"] is True
    assert data["effect"] is None
    assert data["old"]["meaning_hash"] == data["new"]["meaning_hash"]
    assert data["old"]["hash"] != data["new"]["hash"]
    assert [(one["id"], one["counts"]) for one in data["changes"]] == [
        ("test-pack", False),
        ("owner", False),
        ("no-owner", False),
    ]
    said = run("rules", "diff", old, new).stdout
    assert "No number changes: the packs differ in texts only." in said
    assert (
        "Questions: 1 changed (1 without effect on numbers)\n  owner: no effect on numbers: text, help, quick\n" in said
    )


def test_all_that_counts_in_a_rule_is_shown_as_it_was_and_as_it_is(tmp_path: Path) -> None:
    other = {
        **NO_OWNER,
        "when": {"owner": "no", "people": {"at_most": 2}},
        "weight": 0.7,
        "group": "owner",
        "area": "goals",
        "leads_to": ["cancelled", "unused"],
        "concludes": "nobody",
        "advice": "Find one.",
    }
    data = compared(pack(tmp_path / "old"), pack(tmp_path / "new", rules=(other, FEW)))
    (changed,) = data["changes"]
    assert keys(changed) == {
        "when": ("{owner: no}", "{owner: no, people: {at_most: 2}}", True),
        "weight": ("1", "0.7", True),
        "group": (None, "owner", True),
        "area": ("team", "goals", True),
        "leads_to": ("[cancelled]", "[cancelled, unused]", True),
        "concludes": ("no_owner", "nobody", True),
        "advice": (None, "Find one.", False),
    }


def test_added_and_removed_rules_questions_and_quantities_are_told(tmp_path: Path) -> None:
    work = number("work", 1, 20, ask_when={"kind": "model"})
    each = {"id": "each", "text": "Work for each", "ratio": ["work", "people"]}
    heavy = rule("heavy", {"each": {"above": 6}}, 0.4, group="load")
    old = pack(tmp_path / "old")
    new = pack(tmp_path / "new", (KIND, PEOPLE, work), (FEW, heavy), quantities=[each])
    found = entries(compared(old, new))
    assert {key: one["what"] for key, one in found.items()} == {
        ("question", "work"): "added",
        ("question", "owner"): "removed",
        ("quantity", "each"): "added",
        ("rule", "heavy"): "added",
        ("rule", "no-owner"): "removed",
    }
    assert keys(found["question", "work"])["ask_when"] == (None, "{kind: model}", True)
    assert keys(found["quantity", "each"]) == {"op": (None, "ratio", True), "of": (None, "[work, people]", True)}
    assert keys(found["rule", "heavy"])["when"] == (None, "{each: {above: 6}}", True)
    assert keys(found["rule", "no-owner"])["weight"] == ("1", None, True)
    said = run("rules", "diff", old, new).stdout
    assert (
        "  heavy: added: Rule heavy\n    when: {each: {above: 6}}\n    weight: 0.4, area: team, group: load\n" in said
    )


def test_the_head_is_compared_part_by_part(tmp_path: Path) -> None:
    ends = {"cancelled": {"share": 0.6, "title": "cancelled"}, "overrun": {"share": 0.4, "title": "overrun"}}
    more = {"base_rate": {"value": 0.4, "failure": "It stops."}, "spread": {"value": 1.4}, "ends": ends}
    (head,) = compared(pack(tmp_path / "old"), pack(tmp_path / "new", **more))["changes"]
    assert keys(head) == {
        "base_rate": ("0.5", "0.4", True),
        "failure": ("the project fails", "It stops.", False),
        "spread": ("1.1", "1.4", True),
        "ends": ("[cancelled, overrun, unused]", "[cancelled, overrun]", True),
        "ends.cancelled.share": ("0.5", "0.6", True),
        "ends.overrun.share": ("0.3", "0.4", True),
    }


def test_levels_and_shares_are_compared_one_by_one(tmp_path: Path) -> None:
    kind = {
        **KIND,
        "levels": {"model": "Trained by us", "report": "report", "app": "app"},
        "shares": {"model": 0.5, "report": 0.25, "app": 0.25},
    }
    changed = entries(compared(pack(tmp_path / "old"), pack(tmp_path / "new", (kind, OWNER, PEOPLE))))
    found = keys(changed["question", "kind"])
    assert found["levels"] == ("[model, rented, report]", "[model, report, app]", True)
    assert found["levels.model.label"] == ("model", "Trained by us", False)
    assert found["shares.app"] == (None, "0.25", True)
    assert found["shares.rented"][1] is None


def test_what_was_renamed_is_followed_everywhere(tmp_path: Path) -> None:
    sort = choice("sort", ["own", "rented", "report"], worse="none", renamed_from=["kind"])
    sort["levels"]["own"] = {"label": "model", "renamed_from": ["model"]}
    sort["text"] = "What about kind?"
    gated = yes_no("checked", ask_when={"kind": ["model", "rented"]})
    regated = {**gated, "ask_when": {"sort": ["own", "rented"]}}
    read = rule("own-model", {"kind": "model"}, 0.3, examples=[{"answers": {"kind": "model"}, "state": "fires"}])
    reread = {**read, "when": {"sort": "own"}, "examples": [{"answers": {"sort": "own"}, "state": "fires"}]}
    old = pack(tmp_path / "old", (KIND, OWNER, PEOPLE, gated), (NO_OWNER, FEW, read))
    new = pack(tmp_path / "new", (sort, OWNER, PEOPLE, regated), (NO_OWNER, {**FEW, "id": "too-few"}, reread))
    data = compared(old, new)
    found = {key: (one["what"], one["was"], one["counts"]) for key, one in entries(data).items()}
    assert found == {("question", "sort"): ("renamed", "kind", False), ("rule", "too-few"): ("renamed", "few", False)}
    assert data["effect"]["farthest"] < 1e-9
    assert data["effect"]["unread"] == {"old": {}, "new": {}}
    assert data["effect"]["new_questions"] == []
    assert data["effect"]["findings"] == []


def test_two_questions_made_one_are_a_removed_one(tmp_path: Path) -> None:
    patron = yes_no("patron", worse="no")
    one = {**OWNER, "renamed_from": ["patron"]}
    data = compared(pack(tmp_path / "old", (KIND, OWNER, PEOPLE, patron)), pack(tmp_path / "new", (KIND, one, PEOPLE)))
    assert {key: one["what"] for key, one in entries(data).items()} == {("question", "patron"): "removed"}
    assert data["effect"]["unread"]["new"] == {"patron": 2000}


def test_a_question_that_is_asked_elsewhere_is_named_and_no_other(tmp_path: Path) -> None:
    data = compared(pack(tmp_path / "old"), pack(tmp_path / "new", (OWNER, PEOPLE, KIND)))
    (moved,) = data["changes"]
    assert (moved["id"], keys(moved)) == ("kind", {"place": ("1", "3", True)})


def test_a_condition_that_is_written_otherwise_changes_nothing(tmp_path: Path) -> None:
    same = {**FEW, "when": {"not": {"people": {"at_least": 3}}}}
    other = {**FEW, "when": {"not": {"people": {"above": 3}}}}
    data = compared(pack(tmp_path / "old"), pack(tmp_path / "new", rules=(NO_OWNER, same)))
    assert (data["means_the_same"], data["changes"][0]["counts"], data["effect"]["farthest"]) == (False, False, 0)
    said = run("rules", "diff", tmp_path / "old", tmp_path / "new").stdout
    assert "few: no effect on numbers: when" in said
    data = compared(tmp_path / "old", pack(tmp_path / "other", rules=(NO_OWNER, other)))
    assert data["changes"][0]["counts"] is True


def test_a_pack_can_be_compared_with_one_that_extends_it(tmp_path: Path) -> None:
    old = pack(tmp_path / "old")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "pack.yaml").write_text("name: house\nversion: '1'\nextends: ../old\n")
    (tmp_path / "new" / "rules.yaml").write_text("rules:\n  - {id: few, weight: 0.9}\n  - {id: no-owner, off: true}\n")
    found = entries(compared(old, tmp_path / "new"))
    assert keys(found["rule", "few"]) == {"weight": ("0.5", "0.9", True)}
    assert found["rule", "no-owner"]["what"] == "removed"
    assert keys(found["pack", "house"])["ruled_out"] == (None, "[no_owner]", True)


# --- what it does to projects ------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    heavier = {**NO_OWNER, "weight": 2.0}
    late = rule("late", {"all": ["no_owner"], "owner": "no", "months": {"above": 6}}, 1.0)
    old = pack(tmp_path / "old")
    return old, pack(tmp_path / "new", (KIND, OWNER, PEOPLE, number("months", 1, 12)), (heavier, FEW, late))


def answers(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_both_packs_score_projects_as_assess_does_without_a_model(two: tuple[Path, Path], tmp_path: Path) -> None:
    given = {"good": {"owner": "yes", "people": 8}, "bad": {"owner": "no", "people": 1}, "half": {"owner": "no"}}
    folder = answers(tmp_path / "answers", **{name: json.dumps(one) for name, one in given.items()})
    effect = compared(*two, folder)["effect"]
    by = {
        name: [riskengine.assess(one, pack=pack, model="none", explain=False).probability for pack in two]
        for name, one in given.items()
    }
    assert {one["project"]: one["probability"] for one in effect["movers"]} == {
        f"{name}.yaml": pytest.approx(both) for name, both in by.items()
    }
    moves = [100 * (new - old) for old, new in by.values()]
    assert effect["mean_move"] == pytest.approx(sum(moves) / 3)
    assert effect["mean_distance"] == pytest.approx(sum(map(abs, moves)) / 3)
    assert effect["farthest"] == pytest.approx(max(map(abs, moves)))
    assert [abs(one["move"]) for one in effect["movers"]] == sorted(map(abs, moves), reverse=True)
    assert effect["mean_probability"] == [pytest.approx(sum(one[side] for one in by.values()) / 3) for side in (0, 1)]
    assert effect["new_questions"] == ["months"]


def test_a_trained_model_has_no_part_in_it(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "pack.yaml").write_text("name: house\nversion: '1'\nextends: riskengine\n")
    (house / "rules.yaml").write_text("rules:\n  - {id: problem-unclear, weight: 0.9}\n")
    case = {"project_kind": "trained_model", "problem_statement": "none"}
    folder = answers(tmp_path / "answers", a=json.dumps(case))
    (mover,) = compared(shipped("data", "pack.json"), house, folder)["effect"]["movers"]
    trained, rules = (riskengine.assess(case, model=model, explain=False).probability for model in (None, "none"))
    assert mover["probability"][0] == pytest.approx(rules, abs=1e-9)
    assert mover["probability"][0] != pytest.approx(trained, abs=1e-9)


def test_moves_are_counted_beyond_the_points_asked_for(two: tuple[Path, Path], tmp_path: Path) -> None:
    folder = answers(tmp_path / "answers", a="{owner: yes}", b="{owner: no}")
    moves = [abs(one["move"]) for one in compared(*two, folder)["effect"]["movers"]]
    for points in (0, min(moves), sum(moves) / 2, max(moves)):
        counted = compared(*two, folder, points=points)["effect"]["moved_by_more_than"]
        assert counted == {"points": points, "projects": sum(one > points for one in moves)}


def test_findings_that_come_and_go_are_counted(tmp_path: Path) -> None:
    wider = {**FEW, "when": {"people": {"below": 5}}}
    late = rule("late", {"months": {"above": 6}}, 1.0)
    old = pack(tmp_path / "old", rules=(NO_OWNER, FEW))
    new = pack(tmp_path / "new", (KIND, PEOPLE, number("months", 1, 12)), (wider, late))
    texts = {"a": "{people: 2, owner: no}", "b": "{people: 4}", "c": "{people: 9, months: 7}", "d": "{}"}
    effect = compared(old, new, answers(tmp_path / "answers", **texts))["effect"]
    assert {one.pop("rule"): tuple(one.values()) for one in effect["findings"]} == {
        "few": (1, 2, 1, 0, 0),
        "late": (None, 1, 1, 0, 0),
        "no-owner": (1, None, 0, 1, 0),
    }
    assert effect["unread"] == {"old": {"months": 1}, "new": {"owner": 1}}


def test_a_finding_that_waits_for_a_new_question_is_said_to_be_open(tmp_path: Path) -> None:
    gated = {**FEW, "when": {"people": {"below": 3}, "months": {"above": 6}}}
    new = pack(tmp_path / "new", (KIND, OWNER, PEOPLE, number("months", 1, 12)), (NO_OWNER, gated))
    old = pack(tmp_path / "old")
    (turn,) = compared(old, new)["effect"]["findings"]
    assert turn["rule"] == "few"
    assert turn["disappears"] == turn["left_open"] == turn["fired"] > 100
    assert turn["fires"] == turn["appears"] == 0
    assert "1 question is new. Where such a question is open" in run("rules", "diff", old, new).stdout


def test_the_findings_that_moved_a_project_are_named(two: tuple[Path, Path], tmp_path: Path) -> None:
    folder = answers(tmp_path / "answers", bad="{project: Ship, answers: {owner: no, people: 9, months: 9}}")
    (mover,) = compared(*two, folder)["effect"]["movers"]
    assert mover["project"] == "Ship"
    found = {one["rule"]: (one["old"], one["new"], one["log_odds"] > 0) for one in mover["findings"]}
    assert found["late"] == (None, "fires", True)
    assert found["no-owner"][:2] == ("fires", "fires")
    strengths = [abs(one["log_odds"]) for one in mover["findings"]]
    assert strengths == sorted(strengths, reverse=True)


def test_by_default_ordinary_projects_of_the_old_pack_are_compared(two: tuple[Path, Path]) -> None:
    effect = compared(*two)["effect"]
    assert effect["projects"] == 2000
    assert effect["source"] == "the first 2,000 projects of the reference sample of test-pack 1"
    assert effect["mean_probability"] == [pytest.approx(0.5, abs=0.02)] * 2
    assert 0 < effect["moved_by_more_than"]["projects"] < 2000


def test_an_answer_that_one_pack_does_not_know_is_unknown_to_it(tmp_path: Path) -> None:
    narrow = {**PEOPLE, "maximum": 5, "shares": {0: 1, 100: 5}}
    old, new = pack(tmp_path / "old"), pack(tmp_path / "new", (KIND, OWNER, narrow))
    folder = answers(
        tmp_path / "answers", a="{people: 9, owner: no}", b="{answers: {people: 4}, notes: {people: Four.}}"
    )
    effect = compared(old, new, folder / "a.yaml", folder)["effect"]
    assert effect["projects"] == 2
    assert effect["unread"] == {"old": {}, "new": {"people": 1}}
    said = run("rules", "diff", old, new, "--answers", folder).stdout
    assert "Answers that the new pack can't read, and takes as unknown: people 1." in said


# --- a gate, and wrong usage -------------------------------------------------------------------------------


def test_a_move_beyond_the_gate_ends_with_1(two: tuple[Path, Path], tmp_path: Path) -> None:
    farthest = compared(*two)["effect"]["farthest"]
    assert run("rules", "diff", *two, "--fail-above", farthest + 0.1).returncode == 0
    done = run("rules", "diff", *two, "--fail-above", farthest - 0.1)
    assert done.returncode == 1
    assert done.stderr.startswith(f"a project moves by {farthest:.1f} points, more than ")
    assert done.stdout.startswith("test-pack 1 -> ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "--markdown"], "--markdown"),
        (["--moved-by", "-1"], "--moved-by"),
        (["--answers", "nowhere.yaml"], "RE-308"),
        (["--answers", "old/"], "1:1"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], said: str, tmp_path: Path) -> None:
    new = pack(tmp_path / "new", rules=(FEW,))
    given = [str(tmp_path / one) if one[0] != "-" and not one.isdigit() else one for one in arguments]
    done = run("rules", "diff", pack(tmp_path / "old"), new, *given)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_what_neither_pack_can_read_is_a_mistake_with_its_place(two: tuple[Path, Path], tmp_path: Path) -> None:
    text = "answers:\n  oner: no\n  owner: nay\n  months: 99\n  people: 3\n"
    folder = answers(tmp_path / "answers", a=text, b="- owner\n")
    done = run("rules", "diff", *two, "--answers", folder, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    errors = json.loads(done.stderr)["errors"]
    assert [(Path(one["source"]["file"]).name, one["source"]["line"], one["code"]) for one in errors] == [
        ("a.yaml", 2, "RE-301"),
        ("a.yaml", 3, "RE-304"),
        ("a.yaml", 4, "RE-303"),
        ("b.yaml", 1, "RE-307"),
    ]


def test_answers_are_read_where_no_number_changes_too(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = run("rules", "diff", two[0], two[0], "--answers", answers(tmp_path / "answers", a="{oner: no}"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "RE-301" in done.stderr


def test_a_folder_without_answers_is_named(two: tuple[Path, Path]) -> None:
    folder = FAULTY / "compared" / "RE-280-no-answers"
    done = run("rules", "diff", *two, "--answers", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{folder}: RE-280 ")


def test_a_pack_that_cannot_be_loaded_ends_with_2(tmp_path: Path) -> None:
    done = run("rules", "diff", pack(tmp_path / "old"), tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "RE-105" in done.stderr


# --- how it is shown ---------------------------------------------------------------------------------------


def test_the_same_packs_give_the_same_bytes(two: tuple[Path, Path]) -> None:
    first, second = (run("rules", "diff", *two, "--json", PYTHONHASHSEED=seed).stdout for seed in ("1", "2"))
    assert first == second
    assert json.loads(first) == compared(*two)


def test_one_file_packs_are_compared_as_their_folders_are(two: tuple[Path, Path], tmp_path: Path) -> None:
    files = [tmp_path / "old.json", tmp_path / "new.json"]
    for folder, file in zip(two, files, strict=True):
        assert run("rules", "build", folder, "-o", file).returncode == 0
    assert run("rules", "diff", *files).stdout == run("rules", "diff", *two).stdout


def test_markdown_is_a_comment_that_a_pull_request_shows(tmp_path: Path) -> None:
    rules = ({**NO_OWNER, "weight": 2.0}, FEW, rule("some", {"people": {"below": 5}}, 0.5))
    done = run("rules", "diff", pack(tmp_path / "old"), pack(tmp_path / "new", rules=rules), "--markdown")
    lines = done.stdout.splitlines()
    assert lines[0] == r"## test-pack 1 -\> test-pack 1"
    assert lines[2].startswith("**") and "of 2,000 projects move by more than 5 points" in lines[2]
    assert "### Moved farthest" in lines
    assert "| rule | fired | fires | appears | disappears | of these open now |" in lines
    assert "<details><summary>Rules: 1 added, 1 changed</summary>" in lines
    assert "- `no-owner`: changed: Rule no-owner" in lines
    assert r"  - weight: 1 -\> 2" in lines
    assert lines.count("</details>") == sum(line.startswith("<details>") for line in lines) == 1


def test_texts_of_a_pack_are_no_markup_and_steer_no_terminal(tmp_path: Path) -> None:
    bad = "</details><img src=x> | `a` \x9b31m [x](y) @team"
    new = pack(tmp_path / "new", rules=(NO_OWNER, FEW, rule("bad", {"owner": "no"}, 0.2, title=bad)))
    markdown = run("rules", "diff", pack(tmp_path / "old"), new, "--markdown").stdout
    assert r"\</details\>\<img src=x\> \| \`a\`" in markdown
    assert r"\[x\](y)" in markdown
    folder = answers(tmp_path / "answers", a=json.dumps({"project": "`x\n# y <b>", "answers": {"owner": "no"}}))
    assert (
        r"- \`x \# y \<b\>: " in run("rules", "diff", tmp_path / "old", new, "--markdown", "--answers", folder).stdout
    )
    assert "\x9b" not in markdown + run("rules", "diff", tmp_path / "old", new).stdout


def test_long_lists_end_with_how_much_is_left(tmp_path: Path) -> None:
    more = [rule(f"more-{place}", {"people": {"below": 2}}, 0.1) for place in range(45)]
    old, new = pack(tmp_path / "old"), pack(tmp_path / "new", rules=(NO_OWNER, FEW, *more))
    said = run("rules", "diff", old, new).stdout
    assert "Rules: 45 added\n" in said
    assert "  and 5 more added; `--json` lists all\n" in said
    assert len(compared(old, new)["changes"]) == 45


def test_the_shipped_pack_against_itself_is_quick_to_say_that_nothing_changed() -> None:
    done = run("rules", "diff", shipped("rules"), shipped("data", "pack.json"))
    assert done.returncode == 0
    assert "No number changes: the packs are the same." in done.stdout
