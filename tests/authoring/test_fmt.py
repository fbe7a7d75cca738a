"""`riskengine rules fmt`: one layout, comments kept, and never a change of meaning."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest
import yaml
from cli.run import nothing_but, run
from docs.packs_page import files_on_page, write_packs
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from riskengine.authoring.fmt import format_pack, format_text
from riskengine.authoring.new_pack import write_new_pack
from riskengine.authoring.yaml_writer import TEXT_WIDTH, WIDTH
from riskengine.errors import ProblemError
from riskengine.pack.json_form import pack_to_json
from riskengine.pack.locate import shipped
from riskengine.pack.read import read_pack

RULE = """\
area: team
rules:
  - id: thin-team
    title: The team is thin
    when:
      team_size: {below: 2}
    weight: 0.4
"""


def laid_out(text: str) -> str:
    """Lay a file out, and see that this changes nothing the second time and no value ever."""
    text = textwrap.dedent(text)
    after = format_text(text, "rules.yaml")
    assert format_text(after, "rules.yaml") == after
    assert values(after) == values(text)
    return after


def quoted(value: str) -> str:
    """Write a text in double quotes, as PyYAML does."""
    return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10_000).strip()


def values(text: str) -> object:
    """Read a file with PyYAML alone, every value as it is written."""
    return yaml.load(text, Loader=yaml.CBaseLoader)


# --- what the layout is ---


def test_keys_come_in_the_order_of_the_page_on_packs() -> None:
    after = laid_out("""\
        rules:
          - weight: 0.4
            leads_to: [cancelled]
            when: {team_size: 1}
            title: The team is thin
            examples:
              - {state: fires, answers: {team_size: 1}}
            id: thin-team
        area: team
        """)
    assert after == textwrap.dedent("""\
        area: team
        rules:
          - id: thin-team
            title: The team is thin
            when: {team_size: 1}
            weight: 0.4
            leads_to: [cancelled]
            examples:
              - {answers: {team_size: 1}, state: fires}
        """)


def test_quotes_stay_only_where_a_text_needs_them() -> None:
    after = laid_out("""\
        sources:
          one:
            cite: "Plain, after all."
          two:
            cite: 'With a colon: here'
          three:
            cite: "1.10"
          four:
            cite: '"quoted" from the start'
          five:
            cite: "true"
          six:
            cite: "yes"
          seven:
            cite: "a # sign"
        """)
    assert re.findall(r"cite: (.*)", after) == [
        "Plain, after all.",
        '"With a colon: here"',
        '"1.10"',
        "'\"quoted\" from the start'",
        '"true"',
        "yes",
        '"a # sign"',
    ]


def test_yes_and_no_stay_words_and_numbers_stay_as_they_were_written() -> None:
    text = RULE + "    examples:\n      - {answers: {a: yes, b: no, c: off, d: 010, e: 1.50, f: n/a}, state: fires}\n"
    assert laid_out(text) == text


def test_a_long_text_is_folded_and_a_short_one_is_not() -> None:
    long = "word " * 60
    after = laid_out(f"sources:\n  one:\n    cite: {long.strip()}\n  two:\n    cite: >-\n      Short\n      enough.\n")
    assert "  two:\n    cite: Short enough.\n" in after
    assert "    cite: >-\n      word word" in after
    assert max(map(len, after.splitlines())) <= TEXT_WIDTH


def test_a_text_of_several_paragraphs_keeps_them() -> None:
    short, long = "One.\nTwo.\n\nThree.", "word " * 40 + "end.\n\n" + "word " * 40 + "end."
    for text in (short, long, f"{short}\n", f"{long}\n"):
        after = laid_out(f"sources:\n  one: {{cite: {quoted(text)}}}\n")
        assert values(after) == {"sources": {"one": {"cite": text}}}
        assert re.search(r"cite: [|>]", after)


def test_examples_go_on_one_line_if_they_fit() -> None:
    many = ", ".join(f"question_{number}: level_{number}" for number in range(12))
    after = laid_out(
        f"{RULE}    examples:\n      - answers:\n          a: 1\n        state: fires\n"
        f"      - {{answers: {{{many}}}, state: possible}}\n"
    )
    assert "      - {answers: {a: 1}, state: fires}\n" in after
    assert "      - answers:\n          question_0: level_0\n" in after
    assert "        state: possible\n" in after
    assert max(map(len, after.splitlines())) <= WIDTH


def test_conditions_stay_in_braces_or_below_each_other_as_the_author_chose() -> None:
    text = (
        "rules:\n  - id: a\n    when: {owner: no}\n  - id: b\n    when:\n      owner: no\n      any:\n"
        "        - {people: 1}\n        - work: {above: 3}\n          owner: no\n        - no_owner\n"
    )
    assert laid_out(text).replace("\n\n", "\n") == text


def test_entries_are_set_apart_and_short_changes_are_not() -> None:
    entry = RULE.split("rules:\n", 1)[1]
    after = laid_out(f"{RULE}\n\n\n{entry}")
    assert after.count("\n\n") == 1 and "\n\n\n" not in after
    changes = "rules:\n  - {id: a, weight: 0.6}\n  - {id: b, off: true}\n"
    assert laid_out("rules:\n  - id: a\n    weight: 0.6\n\n  - {id: b, off: true}\n") == changes


def test_line_ends_and_a_byte_order_mark_become_ordinary(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + RULE.replace("\n", "\r\n").encode())
    (found,) = format_pack(file)
    assert found.changes and found.after == RULE


def test_anchors_stay_and_nothing_moves_in_a_file_that_repeats_them() -> None:
    text = """\
        rules:
          - weight: 0.4
            id: a
            when: &few
              people: {below: 2}
            title: A
          - {id: b, when: *few, title: &t B, sources: [*t , c]}
        """
    after = laid_out(text)
    assert "when: &few\n" in after and "when: *few\n" in after and after.index("weight") < after.index("id: a")


# --- comments ---

COMMENTED = """\
# yaml-language-server: $schema=schemas/rules.schema.json
# Rules of the team.

area: team  # the same for all

# All of them.
rules:
  # about a
  - id: a  # beside id

    # about the weight
    weight: 0.4
    title: A
    when:  # beside when
      any:
        # about no
        - owner: no  # beside no
        # below the last
    why: >-  # beside why
      A text with a # in it
      and # again.
    sources: [one,  # inside
      two]
    examples:
      - {answers: {owner: no}, state: fires}  # beside an example
    # at the end of a
  # about b
  - id: b
    title: "B # no comment"
    weight: 0.1
    when: {owner: no}
  # a rule that is switched off:
  # - id: c
# at the end
"""


def test_comments_stay_with_what_they_are_about() -> None:
    assert (
        laid_out(COMMENTED)
        == """\
# yaml-language-server: $schema=schemas/rules.schema.json
# Rules of the team.

area: team  # the same for all

# All of them.
rules:
  # about a
  - id: a  # beside id
    title: A
    when:  # beside when
      any:
        # about no
        - owner: no  # beside no
        # below the last

    # about the weight
    weight: 0.4
    why: "A text with a # in it and # again."  # beside why
    sources:
      - one  # inside
      - two
    examples:
      - {answers: {owner: no}, state: fires}  # beside an example
    # at the end of a

  # about b
  - id: b
    title: "B # no comment"
    when: {owner: no}
    weight: 0.1
  # a rule that is switched off:
  # - id: c
# at the end
"""
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "rules:  # r\n  - # dash\n    id: a\n    when: {x: 1}\n",
            "rules:  # r\n  # dash\n  - id: a\n    when: {x: 1}\n",
        ),
        ("rules: [  # none yet\n  ]\n", "rules: []  # none yet\n"),
        ("rules: []\n# end", "rules: []\n# end\n"),
        ("# only\n\n\n\nrules: []", "# only\n\nrules: []\n"),
        ("--- # start\nrules: []\n...\n# after\n", "# start\nrules: []\n# after\n"),
        ("rules:\n- id: a\n  when: {x: 1 # one\n    }\n", "rules:\n  - id: a\n    when:\n      x: 1  # one\n"),
        ("rules:\n- {id: a, when: [ # in\n  b]} # out\n", "rules:\n  # out\n  - id: a\n    when: [b]  # in\n"),
    ],
)
def test_comments_in_odd_places_are_kept_too(text: str, expected: str) -> None:
    assert laid_out(text) == expected


FILES = [text for name, text in files_on_page().items() if "mistakes" not in name and "rules/" in name] + [COMMENTED]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_comment_and_no_value_is_ever_lost(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(FILES)).splitlines()
    for number in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        sign = f"# sign-{number}-"
        if data.draw(st.booleans()):
            lines[place] += f"  {sign}"
        else:
            lines.insert(place, " " * data.draw(st.integers(0, 9)) + sign)
        if data.draw(st.booleans()):
            lines.insert(place, "")
    text = "\n".join(lines) + "\n"
    try:
        after = format_text(text)
    except ProblemError:
        # a sign inside a text or in an impossible place makes another file of it, perhaps none
        assume(False)
    assert values(after) == values(text)
    assert sorted(re.findall("# sign-[0-9]-", after)) == sorted(re.findall("# sign-[0-9]-", text))
    assert format_text(after) == after


TEXTS = st.text(
    st.one_of(st.sampled_from(" \n:#-?,[]{}&*!|>'\"%@`\\\t~=.…\u2028\x85\ufeff"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=40,
)


@given(title=TEXTS, repeats=st.integers(1, 12), in_braces=st.booleans())
@example(title="- ", repeats=1, in_braces=False)
@example(title="a: b", repeats=1, in_braces=True)
@example(title="a\n b", repeats=9, in_braces=False)
@example(title="word  two", repeats=12, in_braces=False)
@settings(max_examples=300, deadline=None)
def test_every_text_comes_through(title: str, repeats: int, in_braces: bool) -> None:
    cite = " ".join([title] * repeats)
    assume(len(cite) <= 300)
    source = f"{{cite: {quoted(cite)}, note: {quoted(title)}}}" if in_braces else f"\n    cite: {quoted(cite)}"
    for part in (f"sources:\n  one: {source}\n", f"rules: [{{id: a, off: true, title: {quoted(title)}}}]\n"):
        after = format_text(part)
        assert values(after) == values(part)
        assert format_text(after) == after


# --- whole packs ---


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    write_packs(tmp_path)
    shutil.rmtree(tmp_path / "mistakes")
    (tmp_path / "bakery" / "own.test.yaml").write_text(
        "tests:\n- answers: {owner: no}\n  name: an owner is missing # why\n  fires: [nobody-answers]\n"
    )
    return tmp_path / "bakery"


@pytest.mark.parametrize("source", ["bakery", "shipped", "worked-example"])
def test_a_pack_means_the_same_afterwards(source: str, bakery: Path, tmp_path: Path) -> None:
    folders = {
        "bakery": bakery,
        "shipped": shipped("rules"),
        "worked-example": Path(__file__).parents[2] / "docs" / source,
    }
    folder = tmp_path / "copy"
    shutil.copytree(folders[source], folder)
    before = pack_to_json(read_pack(folder))
    assert run("rules", "fmt", folder).returncode == 0
    assert pack_to_json(read_pack(folder)) == before
    assert run("rules", "fmt", folder, "--check").returncode == 0


def test_files_are_laid_out_and_named(bakery: Path) -> None:
    done = run("rules", "fmt", bakery)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert f"{bakery / 'own.test.yaml'}: laid out anew\n" in done.stderr
    assert (bakery / "own.test.yaml").read_text() == (
        "tests:\n  - name: an owner is missing  # why\n    answers: {owner: no}\n    fires: [nobody-answers]\n"
    )
    again = run("rules", "fmt", bakery)
    assert again.stderr.endswith(" files, 0 changed\n")


def test_a_check_writes_nothing_and_ends_with_1(bakery: Path) -> None:
    before = {path: path.read_bytes() for path in bakery.rglob("*.yaml")}
    done = run("rules", "fmt", bakery, "--check")
    assert done.returncode == 1
    assert f"{bakery / 'own.test.yaml'}: to be laid out anew\n" in done.stderr
    assert {path: path.read_bytes() for path in bakery.rglob("*.yaml")} == before
    assert run("rules", "fmt", bakery / "sources.yaml", "--check").returncode in (0, 1)


def test_a_diff_is_printed_and_nothing_is_written(bakery: Path) -> None:
    before = (bakery / "own.test.yaml").read_bytes()
    done = run("rules", "fmt", bakery, "--diff")
    assert done.returncode == 0
    assert "\n-- answers: {owner: no}\n" in done.stdout and "\n+  - name: an owner is missing  # why\n" in done.stdout
    assert (bakery / "own.test.yaml").read_bytes() == before
    assert run("rules", "fmt", bakery, "--diff", "--check").returncode == 1


def test_one_file_can_be_laid_out_alone(bakery: Path) -> None:
    others = {path: path.read_bytes() for path in bakery.rglob("*.yaml") if path.name != "own.test.yaml"}
    assert run("rules", "fmt", bakery / "own.test.yaml").stderr.endswith("1 files, 1 changed\n")
    assert {path: path.read_bytes() for path in others} == others


@pytest.mark.parametrize(
    ("broken", "code", "place"),
    [
        ("rules:\n  - {id: a\n", "RE-101", ":3:1"),
        ("rules: []\nrules: []\n", "RE-102", ":2:1"),
        ("rules:\n  - {id: a, wieght: 0.4}\n", "RE-103", ":2:13"),
        ("rules: {}\n", "RE-104", ":1:8"),
        ("", "RE-104", ":1:1"),
        ("- a\n", "RE-104", ":1:1"),
        ("texts: []\n", "RE-104", ":1:1"),
    ],
)
def test_with_a_mistake_in_one_file_all_are_left_as_they_are(bakery: Path, broken: str, code: str, place: str) -> None:
    (bakery / "broken.yaml").write_text(broken)
    before = {path: path.read_bytes() for path in bakery.rglob("*.yaml")}
    done = run("rules", "fmt", bakery)
    assert done.returncode == 2
    assert f"{bakery / 'broken.yaml'}{place}: {code}" in done.stderr
    assert {path: path.read_bytes() for path in bakery.rglob("*.yaml")} == before


def test_a_mistake_in_the_meaning_is_no_reason_not_to_lay_out(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules:\n- {id: a, weight: 0.1, title: A, when: {unknown: 1}}\n")
    assert run("rules", "fmt", tmp_path / "rules.yaml").returncode == 0


def test_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    assert "RE-105 there is no `pack.yaml` here" in run("rules", "fmt", tmp_path).stderr
    (tmp_path / "pack.json").write_text("{}")
    done = run("rules", "fmt", tmp_path / "pack.json")
    assert done.returncode == 2 and "RE-105" in done.stderr
    assert nothing_but(tmp_path, "pack.json")


def test_a_file_that_cannot_be_written_is_named(bakery: Path, tmp_path: Path) -> None:
    missing = tmp_path / "gone.yaml"
    done = run("rules", "fmt", missing)
    assert done.returncode == 2 and f"{missing}: RE-105" in done.stderr


def test_a_new_pack_has_the_layout(tmp_path: Path) -> None:
    write_new_pack("my-house", tmp_path)
    done = run("rules", "fmt", tmp_path / "my-house", "--check", "--diff")
    assert done.returncode == 0, done.stdout


def test_the_shipped_pack_is_laid_out() -> None:
    done = run("rules", "fmt", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
