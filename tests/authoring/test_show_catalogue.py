"""`riskengine rules docs`: a catalogue whose links lead somewhere, written whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from authoring.test_graph import check_mermaid
from cli.run import nothing_but, run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from random_packs import Shape, random_pack, rule, write_pack, yes_no

from riskengine.authoring.catalogue import MARK, catalogue
from riskengine.errors import ProblemError
from riskengine.pack.json_form import digest, meaning, pack_from_json, pack_to_json
from riskengine.pack.locate import shipped
from riskengine.pack.model import Pack
from riskengine.pack.read import read_pack


def check_pages(pages: dict[str, str]) -> None:
    """Read every page as Markdown: links lead to pages and anchors, and no other HTML than anchors is in it."""
    anchors = {path: set(re.findall(r'^<a id="([\w.-]+)"></a>$', text, re.MULTILINE)) for path, text in pages.items()}
    for path, text in pages.items():
        assert text.startswith(f"{MARK}\n\n# ") and text.endswith("\n") and "\n\n\n" not in text
        for token in MarkdownIt().enable("table").parse(text):
            if token.type == "html_block":
                assert token.content.strip() == MARK
            for child in token.children or ():
                assert child.type != "html_inline" or re.fullmatch(r'<a id="[\w.-]+">|</a>', child.content), (
                    child.content
                )
                if child.type == "link_open":
                    target, _, anchor = str(child.attrs["href"]).partition("#")
                    page = resolved(path, target) if target else path
                    assert page in pages, f"{path}: {child.attrs['href']}"
                    assert not anchor or anchor in anchors[page], f"{path}: {child.attrs['href']}"
            if token.type == "fence":
                assert token.info == "mermaid"
                check_mermaid(token.content)


def resolved(path: str, target: str) -> str:
    parts = [*path.split("/")[:-1], *target.split("/")]
    while ".." in parts:
        place = parts.index("..")
        del parts[place - 1 : place + 1]
    return "/".join(parts)


@pytest.mark.parametrize("name", ["bakery", "my-house"])
def test_every_link_leads_to_a_page_and_an_anchor(name: str, folder: Path) -> None:
    pack = read_pack(folder / name)
    pages = catalogue(pack, folder / name)
    check_pages(pages)
    assert set(pages) == {
        "index.md",
        "questionnaire.md",
        "ends.md",
        "sources.md",
        *(f"rules/{rule}.md" for rule in pack.rule),
    }
    index = pages["index.md"]
    assert all(f"(rules/{rule}.md)" in index for rule in pack.rule)
    assert all(f'<a id="question-{one}"></a>' in pages["questionnaire.md"] for one in pack.question)


def test_every_link_of_the_shipped_pack_leads_somewhere() -> None:
    check_pages(catalogue(read_pack(shipped("rules")), shipped("rules")))


@given(st.integers(0, 10_000))
@example(752)  # an area with a question and no rule
@settings(max_examples=10, deadline=None)
def test_every_link_of_any_pack_leads_somewhere(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    shape = Shape(questions=6, conclusions=4, rules=4)
    check_pages(catalogue(random_pack(seed, tmp_path_factory.mktemp("random"), shape)))


def test_the_page_of_a_rule(folder: Path) -> None:
    page = catalogue(read_pack(folder / "bakery"), folder / "bakery")["rules/no-way-back.md"]
    for part in (
        "# Neither an owner nor the users look after it\n\n`no-way-back`, [Goals](../index.md#area-goals): raises",
        "**What to do:** Show the numbers to two planners this month.",
        "- not this:\n  - How often do the people",
        "```mermaid\nflowchart LR\n",
        "- Builds on\n  - [Nobody in the business answers for the result](nobody-answers.md)\n",
        "- Leads to\n  - [Not used](../ends.md#end-unused)\n",
        "- [own-guess](../sources.md#source-own-guess): Judgement of the project office",
        "| owner: no; users\\_met: once | fires |",
        "*From bakery 1.0.0, rules/goals.yaml:",
    ):
        assert part in page, part


def test_where_a_rule_of_the_extended_pack_stands_is_left_out(folder: Path) -> None:
    pages = catalogue(read_pack(folder / "my-house"), folder / "my-house")
    assert str(folder) not in "".join(pages.values())
    assert pages["rules/many-ovens.md"].rstrip().endswith("own-rules.yaml:4*")
    assert pages["rules/no-way-back.md"].rstrip().endswith("*From bakery 1.0.0*")


def test_no_text_becomes_markup(tmp_path: Path) -> None:
    evil = "<b>*x* `y` [z](http://e) | # & ~~w~~ ![i](j) \\ ```"
    questions = [yes_no("q", text=evil, help=evil)]
    pack = write_pack(tmp_path, questions, [rule("r", {"q": "yes"}, title=evil, why=evil, advice=evil)])
    pages = catalogue(pack)
    check_pages(pages)
    tokens = MarkdownIt().parse(pages["rules/r.md"])
    heading = tokens[[token.type for token in tokens].index("heading_open") + 1]
    assert "".join(child.content for child in heading.children or ()) == evil


def hostile(pack: Pack, change: str) -> Pack:
    form = json.loads(json.dumps(pack_to_json(pack)).replace('"no-way-back"', json.dumps(change)))
    form["meaning_hash"] = meaning(form)
    form["hash"] = digest(form)
    return pack_from_json(form, "pack.json")


@pytest.mark.parametrize("name", ["../../evil", "a/b", '"><script>', "..", ""])
def test_a_name_that_would_lead_out_of_the_folder_is_refused(name: str, folder: Path) -> None:
    pack = hostile(read_pack(folder / "bakery"), name)
    with pytest.raises(ProblemError) as caught:
        catalogue(pack)
    assert [problem.code for problem in caught.value.problems] == ["RE-109"]


# --- the folder ---


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_is_written_and_written_anew(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "catalogue"
    done = run("rules", "docs", folder / "bakery", "-o", target)
    assert done.returncode == 0 and done.stdout == ""
    first = files(target)
    assert done.stderr == f"{target}: {len(first)} pages\n"
    (target / "rules" / "gone.md").write_text("a rule that is gone")
    assert run("rules", "docs", folder / "bakery", "-o", target).returncode == 0
    assert files(target) == first
    assert nothing_but(tmp_path, "catalogue")


def test_an_empty_folder_may_be_there(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "empty"
    target.mkdir()
    assert run("rules", "docs", folder / "bakery", "-o", target).returncode == 0


@pytest.mark.parametrize("kind", ["folder", "file", "no parent"])
def test_what_is_there_stays_there(kind: str, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "docs"
    if kind == "folder":
        target.mkdir()
        (target / "index.md").write_text("# My own\n")
    elif kind == "file":
        target.write_text("mine")
    else:
        target = tmp_path / "missing" / "docs"
    before = files(tmp_path)
    done = run("rules", "docs", folder / "bakery", "-o", target)
    assert done.returncode == 2 and f"{target}: RE-801" in done.stderr
    assert files(tmp_path) == before


def test_nothing_is_written_for_a_pack_with_mistakes(folder: Path, tmp_path: Path) -> None:
    done = run("rules", "docs", folder / "mistakes", "-o", tmp_path / "docs")
    assert done.returncode == 2 and "RE-201" in done.stderr
    assert nothing_but(tmp_path)
