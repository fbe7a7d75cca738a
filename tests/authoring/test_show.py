"""`riskengine rules show`: all about a rule, and where a question is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.run import run
from docs.packs_page import write_packs
from random_packs import rule, write_pack, yes_no


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    write_packs(folder)
    return folder / "bakery"


def shown(name: str, pack: Path) -> list[str]:
    """Give the lines of a page, without the blanks at their ends."""
    done = run("rules", "show", name, "--rules", pack)
    assert done.returncode == 0, done.stderr
    return [line.rstrip() for line in done.stdout.splitlines()]


def test_the_page_of_a_rule(bakery: Path) -> None:
    lines = shown("no-way-back", bakery)
    where = lines.pop()
    assert where.strip().startswith("stands in") or f"{bakery}" in where
    text = "\n".join(lines)
    for part in (
        "Neither an owner nor the users look after it\n      rule no-way-back\n      area Goals\n",
        "    effect raises the risk, clear (+0.3)\n",
        "      when - “Nobody in the business answers for the result” holds (no_owner)\n           - not this:\n"
        "             - How often do the people who will plan by the forecast see it? is “Once a month or\n"
        "               more often”\n",
        "     reads - users_met: How often do the people who will plan by the forecast see it?\n",
        "    fed by - nobody-answers: Nobody in the business answers for the result\n",
        " concludes adrift\n",
        "     feeds - ask-whether-to-go-on: ",
        "  leads to Not used\n",
        "       why With neither owner nor users, nobody notices when it goes the wrong way.\n",
        "        do Show the numbers to two planners this month.\n",
        "    source - own-guess: Judgement of the project office, nobody has measured it.\n",
        "     basis judgement\n",
        "   example - owner: no; users_met: once -> fires\n           - owner: no -> possible\n",
        "      from bakery 1.0.0",
    ):
        assert part in text, part


def test_a_rule_shows_its_group_with_the_heaviest_first_and_its_quantities(bakery: Path) -> None:
    text = "\n".join(shown("long-haul", bakery))
    assert "quantities - months: Months of work for each person\n" in text
    assert "     group length\n           - very-long-haul: " in text
    assert text.index("very-long-haul: ") < text.index("- long-haul: ")


def test_a_rule_says_when_its_questions_are_asked(bakery: Path) -> None:
    text = "\n".join(shown("labels-unchecked", bakery))
    assert "  asked if - Who checks these labels?\n             - Does the model learn from labels" in text


def test_protection_and_contradiction_checks_say_what_they_do(bakery: Path) -> None:
    assert any(line.strip() == "effect protects, clear (-0.5)" for line in shown("well-looked-after", bakery))
    lines = shown("owner-never-seen", bakery)
    assert any(line.strip() == "effect warns, and adds nothing" for line in lines)
    assert any(line.strip().startswith("warns Somebody answers for the result, but no user") for line in lines)


def test_what_follows_from_a_rule_is_told_once_up_to_the_last(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    rules = [
        rule("a", {"q": "yes"}, concludes="ca"),
        rule("b", {"all": ["ca"]}, concludes="cb", leads_to=["overrun"]),
        rule("c", {"all": ["ca"]}, concludes="cc"),
        rule("d", {"any": ["cb", "cc"]}, concludes="cd", leads_to=["cancelled"]),
        rule("e", {"all": ["cd"]}),
    ]
    write_pack(pack, [yes_no("q")], rules)
    text = "\n".join(shown("a", pack))
    assert (
        "     feeds - b: Rule b -> overrun\n"
        "             - d: Rule d -> cancelled\n"
        "               - e: Rule e\n"
        "           - c: Rule c\n"
        "             - d: Rule d (as above)\n"
        "      from test-pack 1\n"
    ) in text


def test_the_page_of_a_question(bakery: Path) -> None:
    text = "\n".join(shown("label_check", bakery))
    for part in (
        "Who checks these labels?\n  question label_check\n",
        "    answer one of 3\n           - nobody: Nobody (50 %)\n",
        "      risk the first level is the worst\n",
        "  asked if - Does the model learn from labels that people give? is “Yes”\n",
        "     rules - labels-unchecked: ",
    ):
        assert part in text, part
    number = "\n".join(shown("work", bakery))
    assert "    answer a number from 1 to 60 person-months\n" in number
    assert "    shares from 1 to 60, 50 % have up to 12, 90 % have up to 30\n" in number
    assert "quantities - months: " in number
    assert "decides on - label_check: " in "\n".join(shown("uses_labels", bakery))
    assert "- n/a: Does not apply (40 %)" in "\n".join(shown("supplier_data", bakery))


def test_the_page_of_a_quantity(bakery: Path) -> None:
    text = "\n".join(shown("months_with_reserve", bakery))
    assert "        is months x 1.25\n   made of - months: Months of work for each person\n" in text


def test_a_conclusion_shows_the_rules_that_establish_it(bakery: Path) -> None:
    assert shown("no_owner", bakery) == shown("nobody-answers", bakery)


def test_a_name_of_a_rule_and_of_a_question_shows_both(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    write_pack(pack, [yes_no("same")], [rule("same", {"same": "yes"})])
    text = "\n".join(shown("same", pack))
    assert "      rule same\n" in text and "  question same\n" in text
    pages = json.loads(run("rules", "show", "same", "--rules", pack, "--json").stdout)["pages"]
    assert [page["page"] for page in pages] == ["rule", "question"]


def test_a_page_as_json(bakery: Path) -> None:
    done = run("rules", "show", "no-way-back", "--rules", bakery, "--json")
    (page,) = json.loads(done.stdout)["pages"]
    assert (page["id"], page["weight"], page["concludes"]) == ("no-way-back", 0.3, "adrift")
    assert page["condition"][1]["text"] == "not this:"
    assert page["fed_by"] == [{"id": "nobody-answers", "title": "Nobody in the business answers for the result"}]
    assert page["examples"][0] == {"answers": "owner: no; users_met: once", "state": "fires"}


def test_an_unknown_name_is_refused_with_the_nearest(bakery: Path) -> None:
    done = run("rules", "show", "no-way-bakc", "--rules", bakery)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == (
        "RE-805 the pack has no rule, question, quantity or conclusion `no-way-bakc`\n"
        "  help: did you mean `no-way-back`?\n"
    )


def test_the_shipped_pack_can_be_shown_and_so_can_a_one_file_pack(bakery: Path, tmp_path: Path) -> None:
    assert run("rules", "show", "capacity-shortfall").returncode == 0
    built = tmp_path / "bakery.json"
    assert run("rules", "build", bakery, "-o", built).returncode == 0
    text = "\n".join(shown("no-way-back", built))
    assert "stands in" not in text and "      rule no-way-back\n" in text


def test_no_text_of_a_pack_steers_the_terminal(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    evil = "Evil \x1b[31m\x07"
    write_pack(
        pack,
        [yes_no("q", help=evil, text=evil)],
        [rule("r", {"q": "yes"}, title=evil, why=evil, advice=evil, leads_to=["overrun"])],
    )
    for name in ("r", "q"):
        done = run("rules", "show", name, "--rules", pack)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout and "\x07" not in done.stdout and "Evil \ufffd[31m\ufffd" in done.stdout
