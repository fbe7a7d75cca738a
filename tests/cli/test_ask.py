"""The questionnaire in a real terminal: every test types into the real command line."""

from __future__ import annotations

import datetime
import json
import os
import pty
import shlex
import signal
import subprocess
import sys

import pytest
import yaml
from conversation import Conversation, Display, plain, riskengine
from random_packs import choice, number, rule, write_pack, yes_no
from run import SCRIPT, run

UP, DOWN, LEFT, ENTER, ESCAPE, CTRL_C, CTRL_D = "\x1b[A", "\x1b[B", "\x1b[D", "\r", "\x1b", "\x03", "\x04"

QUESTIONS = [
    choice("kind", ["model", "software"], "none", text="What is built?", help="Look at most of the work.", quick=True),
    yes_no("data", "no", text="Is there data?", ask_when={"kind": "model"}, area="data"),
    number("months", 0.5, 24, "low", text="How long?", unit="months", quick=True),
    choice("letdown", ["never", "once"], text="Ever let down?", may_not_apply=True, area="goals"),
]
RULES = [rule("no-data", {"data": "no"}), rule("short", {"months": {"below": 3}}), rule("let", {"letdown": "once"})]
FILE = "riskengine-answers.yaml"


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    write_pack(folder, QUESTIONS, RULES)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def talk(pack, cache, tmp_path):
    """Begin a conversation about the small pack, or about another where `--rules` is given."""

    def begin(*arguments, **more):
        rules = [] if "--rules" in arguments else ["--rules", pack]
        return riskengine(tmp_path, "assess", *rules, *arguments, **{"XDG_CACHE_HOME": cache, **more})

    return begin


@pytest.fixture
def saved(tmp_path):
    """Read what is saved."""
    return lambda name=FILE: yaml.safe_load((tmp_path / name).read_text(encoding="utf-8"))


# --- from the first question to the last -------------------------------------------------------------------


def test_a_whole_run_asks_saves_and_assesses(talk, saved):
    it = talk()
    it.shows("4 questions at most", "saved at once, in riskengine-answers.yaml", "What is the project called?")
    it.presses("Café 7", ENTER)
    it.shows("Project: Café 7", "1 of about 4 - Team", "What is built?", "1 model", "2 software", "d I don't know")
    it.presses("1")
    it.shows("2 of 4 - Data", "Is there data?")
    it.presses("n")
    it.shows("3 of 4", "A number from 0.5 to 24 months:")
    it.presses("2.5", ENTER)
    it.shows("2.5 months", "4 of 4 - Goals", "x It doesn't apply to this project")
    it.presses("x")
    it.shows("does not apply", "All questions have been asked.", "4 answered, 0 not known.")
    it.presses(ENTER)
    it.shows("The answers are in riskengine-answers.yaml.", "Probability of failure")
    assert it.ends() == 0
    content = saved()
    assert datetime.date.fromisoformat(content.pop("date"))
    assert content == {
        "project": "Café 7",
        "pack": "test-pack",
        "answers": {"kind": "model", "data": "no", "months": 2.5, "letdown": "n/a"},
    }


def test_the_printed_assessment_is_that_of_the_saved_file(talk, pack, cache, tmp_path):
    it = talk("--json")
    it.presses(ENTER, "1", "n", "2", ENTER, "d", "a")
    assert it.ends() == 0
    again = run("assess", tmp_path / FILE, "--rules", pack, "--json", XDG_CACHE_HOME=cache).stdout
    assert it.text.endswith(plain(again))


def test_the_quick_run_asks_the_quick_set_of_the_shipped_pack(tmp_path, saved):
    it = riskengine(tmp_path, "assess", "--quick")
    it.presses("\x15", ENTER, "1")
    it.shows("2 of 13")
    it.presses(*"1" * 12)
    it.shows("13 answered, 0 not known.")
    it.presses(ENTER)
    it.shows("Probability of failure", "What to do first")
    assert it.ends() == 0
    assert len(saved()["answers"]) == 13


def test_weights_are_never_shown_while_answering(talk):
    it = talk()
    it.presses(ENTER, "?")
    it.shows("can depend on it", "? close help")
    assert "weight" not in it.text.lower()
    it.presses(CTRL_C)
    it.ends()


# --- keys --------------------------------------------------------------------------------------------------


def test_the_question_mark_explains_the_question_and_why_it_is_asked(talk):
    it = talk()
    it.presses(ENTER, "?")
    it.shows("Look at most of the work.", "Asked of every project.", "whether 1 later question is asked")
    it.presses("?")
    it.hides("Look at most of the work.")
    it.presses("1", "?")
    it.shows("Asked because of: What is built? model.")
    it.presses(ESCAPE)
    it.hides("Asked because of")
    it.presses(CTRL_C)
    it.ends()


def test_arrows_and_enter_choose_and_nothing_is_chosen_beforehand(talk, saved):
    it = talk()
    it.presses(ENTER)
    it.shows("What is built?")
    it.presses(ENTER)
    it.shows("! choose first")
    it.presses("z")
    it.shows("! `z` does nothing here")
    it.presses(DOWN)
    it.shows("> 1 model")
    it.presses(UP, UP)
    it.shows("> 2 software")
    it.presses(ENTER)
    it.shows("How long?")
    it.presses(CTRL_C)
    it.ends()
    assert saved()["answers"] == {"kind": "software"}


def test_back_keeps_the_answer_and_preselects_it(talk, saved):
    it = talk()
    it.presses(ENTER, "1", "y")
    it.shows("3 of 4")
    it.presses("b")
    it.shows("2 of 4", "> y Yes (your answer)", "f forward")
    it.presses(LEFT)
    it.shows("1 of 4", "> 1 model (your answer)", "p project's name")
    it.presses(ENTER)
    it.shows("> y Yes (your answer)")
    it.presses("f")
    it.shows("3 of 4 - Team")
    it.presses("7", ENTER, "b")
    it.shows("> 7")
    it.presses(ENTER, CTRL_C)
    assert it.ends() == 130
    assert saved()["answers"] == {"kind": "model", "data": "yes", "months": 7}


def test_a_note_is_kept_as_evidence_shown_and_changed(talk, saved):
    it = talk()
    it.presses(ENTER, "e")
    it.shows("Evidence for: What is built?")
    it.presses("minutes of 3 May", ENTER)
    it.shows("Evidence: minutes of 3 May", "e change evidence")
    it.presses("e", ", page 2", ENTER)
    it.shows("Evidence: minutes of 3 May, page 2")
    it.presses("e", " and not this")
    it.shows("and not this")
    it.presses(ESCAPE)
    it.hides("and not this")
    it.presses("1")
    it.shows("2 of 4")
    it.presses("q")
    assert it.ends() == 0
    assert saved()["notes"] == {"kind": "minutes of 3 May, page 2"}


def test_a_number_is_checked_while_it_is_typed(talk, saved):
    it = talk()
    it.presses(ENTER, "2")
    it.shows("How long?")
    it.presses("3", "0")
    it.shows("! 30 is out of range: a number from 0.5 to 24 months")
    it.presses("\x7f")
    it.hides("out of range")
    it.presses(",")
    it.shows("! `3,` is no number: write digits and at most one point")
    it.presses("\x15", "0")
    it.hides("is no number")
    it.presses(ENTER)
    it.shows("! 0 is out of range: a number from 0.5 to 24 months")
    it.presses("\x15", ENTER)
    it.shows("! type a number first")
    it.presses("\x1b[200~1e1\x1b[201~", ENTER)
    it.shows("10 months")
    it.presses(CTRL_C)
    it.ends()
    assert saved()["answers"]["months"] == 10


# --- branches ----------------------------------------------------------------------------------------------


def test_a_branch_that_closes_drops_its_answers_and_says_so(talk, saved):
    it = talk()
    it.presses(ENTER, "1", "e", "a table", ENTER, "n")
    it.shows("3 of 4")
    it.presses("b", "b", "2")
    it.shows("This question is not asked any more, and the answer is dropped:", "- Is there data? No")
    it.shows("2 of 3")
    assert saved()["answers"] == {"kind": "software"}
    assert "notes" not in saved()
    # opened again, nothing comes back by itself
    it.presses("b", "1")
    it.shows("2 of 4 - Data")
    it.presses(ENTER)
    it.shows("! choose first")
    it.presses(CTRL_C)
    it.ends()


def test_what_is_not_known_leaves_open_what_is_behind_it(talk, saved):
    it = talk()
    it.presses(ENTER, "d")
    it.shows("2 of 3", "How long?")
    it.presses("4", ENTER, "1")
    it.shows("Left open, for it is not known whether they apply: - Is there data?", "depends on: - What is built?")
    it.shows("2 answered, 1 not known.", "u Go through what is not known once more (1)")
    it.presses("u")
    it.shows("1 of about 4")
    it.presses("1")
    it.shows("2 of 4 - Data")
    it.presses("y", ENTER)
    assert it.ends() == 0
    assert saved()["answers"] == {"kind": "model", "data": "yes", "months": 4, "letdown": "never"}


# --- leaving and going on ----------------------------------------------------------------------------------


def test_leaving_says_how_to_go_on_and_resume_goes_on(talk, saved, pack):
    it = talk("--quick", "--json")
    it.presses("Acme", ENTER, "d", "q")
    it.shows("Left with 1 answer in riskengine-answers.yaml. To go on:")
    it.shows(f"riskengine assess --resume riskengine-answers.yaml --quick --json --rules {pack}")
    assert it.ends() == 0
    assert saved()["answers"] == {"kind": None}
    it = talk("--resume", FILE)
    it.shows("Going on with riskengine-answers.yaml: 1 answer, 2 to go.", "2 of 3", "How long?")
    it.presses("b")
    it.shows("> d I don't know (your answer)")
    it.presses("1")
    it.shows("2 of 4 - Data")
    it.presses("y", "12", ENTER, "2", ENTER)
    assert it.ends() == 0
    assert saved()["project"] == "Acme"
    assert saved()["answers"] == {"kind": "model", "data": "yes", "months": 12, "letdown": "once"}


@pytest.mark.parametrize("how", ["key", "signal"])
def test_ctrl_c_saves_and_says_how_to_go_on(talk, saved, how):
    it = talk()
    it.presses(ENTER, "1")
    it.shows("2 of 4")
    if how == "key":
        it.presses(CTRL_C)
    else:
        it.signals(signal.SIGINT)
    it.shows("Left with 1 answer in riskengine-answers.yaml. To go on:", "riskengine assess --resume")
    assert it.ends() == 130
    assert saved()["answers"] == {"kind": "model"}


def test_ctrl_c_before_the_first_answer_saves_nothing(talk, tmp_path):
    it = talk()
    it.shows("What is the project called?")
    it.presses(CTRL_C)
    it.shows("Nothing was answered, so nothing was saved.")
    assert it.ends() == 130
    assert list(tmp_path.iterdir()) == []


def test_end_of_input_saves_and_says_how_to_go_on(talk, saved):
    it = talk()
    it.presses(ENTER, "1")
    it.shows("2 of 4")
    it.presses(CTRL_D)
    it.shows("Left with 1 answer in riskengine-answers.yaml. To go on:")
    assert it.ends() == 130
    assert saved()["answers"] == {"kind": "model"}


@pytest.mark.parametrize("answers", ["", "1"], ids=["at the name", "at a question"])
def test_a_standard_input_that_closes_saves_and_says_how_to_go_on(pack, cache, tmp_path, answers):
    keyboard, keyboard_end = pty.openpty()
    display, display_end = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "assess", "--rules", str(pack)],
        stdin=keyboard_end,
        stdout=display_end,
        stderr=display_end,
        cwd=tmp_path,
        env={**os.environ, "TERM": "xterm", "XDG_CACHE_HOME": cache},
    )
    os.close(keyboard_end)
    os.close(display_end)
    seen = Display(80, 24)

    def read_until(text):
        while text not in plain(seen.text):
            try:
                seen.feed(os.read(display, 4096).decode())
            except OSError:
                break
        assert text in plain(seen.text)

    read_until("What is the project called?")
    if answers:
        os.write(keyboard, f"A\r{answers}".encode())
        read_until("2 of 4")
    os.close(keyboard)
    read_until("Left with 1 answer" if answers else "Nothing was answered")
    assert child.wait(timeout=60) == 130
    os.close(display)
    assert (tmp_path / FILE).exists() == bool(answers)


@pytest.mark.parametrize("how", ["hang-up", "kill"])
def test_whatever_ends_the_process_the_answers_are_saved(talk, saved, how):
    it = talk()
    it.presses(ENTER, "1", "y")
    it.shows("3 of 4")
    if how == "kill":
        it.signals(signal.SIGKILL)
        it.ends()
    else:
        it.hangs_up()
    assert saved()["answers"] == {"kind": "model", "data": "yes"}


def test_a_finished_file_can_be_looked_through_again(talk, tmp_path):
    before = "project: Acme\nanswers: {kind: software, months: 3, letdown: null}\n"
    (tmp_path / "acme.yaml").write_text(before)
    it = talk("--resume", "acme.yaml")
    it.shows(
        "Going on with acme.yaml: 3 answers, 0 to go.", "All questions have been asked.", "2 answered, 1 not known."
    )
    it.presses("b")
    it.shows("3 of 3", "> d I don't know (your answer)")
    it.presses("f", ENTER)
    it.shows("The answers are in acme.yaml.")
    assert it.ends() == 0
    # nothing was changed, so nothing was written
    assert (tmp_path / "acme.yaml").read_text() == before


@pytest.mark.parametrize(
    ("keys", "is_older"),
    [
        (["f", ENTER], True),
        (["1", ENTER], True),
        (["d", ENTER], True),
        (["2", ENTER], False),
        (["e", "the minutes", ENTER, "f", ENTER], False),
    ],
    ids=["looked at", "said again", "taken back", "changed", "evidence"],
)
def test_answers_are_of_the_day_on_which_the_last_one_was_given(talk, tmp_path, keys, is_older):
    answers = tmp_path / "acme.yaml"
    answers.write_text("project: Acme\ndate: 2025-02-01\nanswers: {kind: software, months: 3, letdown: never}\n")
    it = talk("--resume", "acme.yaml", "--json")
    it.shows("All questions have been asked.")
    it.presses("b", *keys)
    it.shows("The answers are in acme.yaml.")
    assert it.ends() == 0
    today = {datetime.date.today(), datetime.date.today() - datetime.timedelta(days=1)}
    kept = yaml.safe_load(answers.read_text())["date"]
    kept = kept if isinstance(kept, datetime.date) else datetime.date.fromisoformat(kept)
    assert (kept == datetime.date(2025, 2, 1)) if is_older else (kept in today)


def test_a_name_that_is_given_is_not_asked_for(talk, saved):
    it = talk("--quick", "--project", "Acme")
    it.shows("What is built?")
    it.presses("1")
    it.shows("How long?")
    it.presses("q")
    assert it.ends() == 0
    assert saved()["project"] == "Acme"


def test_another_name_than_that_of_the_answers_is_refused_before_anything_is_asked(talk, tmp_path):
    (tmp_path / "acme.yaml").write_text("project: Acme\nanswers: {kind: software}\n")
    it = talk("--resume", "acme.yaml", "--project", "Other")
    it.shows("RE-506")
    assert it.ends() == 2


def test_what_a_template_leaves_empty_is_asked(talk, tmp_path, saved):
    (tmp_path / "half.yaml").write_text("answers:\n  kind: model\n  data:\n  months:\n  letdown: once\n")
    it = talk("--resume", "half.yaml")
    it.shows("2 answers, 2 to go", "2 of 4 - Data")
    it.presses("n", "1", ENTER, ENTER)
    assert it.ends() == 0
    assert saved("half.yaml")["answers"] == {"kind": "model", "data": "no", "months": 1, "letdown": "once"}


def test_answers_of_a_file_that_are_not_asked_are_dropped_and_named(talk, tmp_path):
    (tmp_path / "odd.json").write_text('{"answers": {"kind": "software", "data": "no"}, "pack": "other"}')
    it = talk("--resume", "odd.json")
    it.shows("given for the pack `other`; this is `test-pack`", "not asked any more", "- Is there data? No", "2 of 3")
    it.presses("6", ENTER, "q")
    assert it.ends() == 0
    assert json.loads((tmp_path / "odd.json").read_text())["answers"] == {"kind": "software", "months": 6}


# --- files -------------------------------------------------------------------------------------------------


def test_a_file_that_is_there_already_is_left_alone(talk, tmp_path, saved):
    (tmp_path / FILE).write_text("mine")
    it = talk()
    it.shows("in riskengine-answers-2.yaml", "riskengine-answers.yaml stays as it is")
    it.presses(ENTER, "1", "q")
    assert it.ends() == 0
    assert (tmp_path / FILE).read_text() == "mine"
    assert saved("riskengine-answers-2.yaml")["answers"] == {"kind": "model"}


@pytest.mark.parametrize(("key", "written"), [("k", "out-2.json"), ("o", "out.json")])
def test_a_file_that_was_named_and_is_there_is_asked_about(talk, tmp_path, key, written):
    (tmp_path / "out.json").write_text("mine")
    it = talk("--answers-out", "out.json")
    it.shows("This file is there already.", "k Keep it, and save in out-2.json", "o Write over it")
    it.presses(key, ENTER, "1", "q")
    assert it.ends() == 0
    assert json.loads((tmp_path / written).read_text())["answers"] == {"kind": "model"}
    assert ((tmp_path / "out.json").read_text() == "mine") == (key == "k")


def test_resumed_answers_can_be_saved_elsewhere(talk, tmp_path, saved):
    (tmp_path / "old.yaml").write_text("kind: software\nmonths: 3\nletdown: never\n")
    it = talk("--resume", "old.yaml", "--answers-out", "new.yaml")
    it.shows("All questions have been asked.")
    it.presses(ENTER)
    assert it.ends() == 0
    assert (tmp_path / "old.yaml").read_text() == "kind: software\nmonths: 3\nletdown: never\n"
    assert saved("new.yaml")["answers"] == {"kind": "software", "months": 3, "letdown": "never"}


def test_a_place_that_can_not_be_written_is_an_error_before_the_first_question(talk):
    it = talk("--answers-out", "missing/out.yaml")
    it.shows("RE-801", "no such file or directory")
    assert it.ends() == 2
    assert "What is the project called?" not in it.text


def test_answers_that_can_not_be_saved_are_kept_and_saved_later(talk, tmp_path, saved):
    (tmp_path / "deep").mkdir()
    it = talk("--answers-out", "deep/out.yaml")
    it.presses("A", ENTER)
    it.shows("Project: A", "1 of about 4")
    (tmp_path / "deep" / "out.yaml").unlink()
    (tmp_path / "deep").rmdir()
    it.presses("1")
    it.shows("Not saved yet: the output cannot be written: no such file or directory.", "2 of 4")
    (tmp_path / "deep").mkdir()
    it.presses("y")
    it.shows("3 of 4")
    assert saved("deep/out.yaml")["answers"] == {"kind": "model", "data": "yes"}
    (tmp_path / "deep" / "out.yaml").unlink()
    (tmp_path / "deep").rmdir()
    it.presses("3", ENTER, "q")
    it.shows("deep/out.yaml: RE-801")
    assert it.ends() == 2


def test_a_link_to_the_answers_stays_a_link(talk, tmp_path, saved):
    (tmp_path / "real.yaml").write_text("kind: software")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    it = talk("--resume", "link.yaml")
    it.presses("5", ENTER, "q")
    assert it.ends() == 0
    assert (tmp_path / "link.yaml").is_symlink()
    assert saved("real.yaml")["answers"] == {"kind": "software", "months": 5}


def test_bytes_that_are_no_text_do_no_harm(talk, saved):
    it = talk()
    it.shows("What is the project called?")
    it.presses(b"A\xff\xfeB", ENTER)
    it.shows("1 of about 4")
    it.presses(b"\xff\x9b", "1", "q")
    assert it.ends() == 0
    assert saved()["project"].startswith("A")
    assert saved()["answers"] == {"kind": "model"}


# --- terminals ---------------------------------------------------------------------------------------------


def test_forty_columns_are_enough(tmp_path):
    it = riskengine(tmp_path, "assess", columns=40, rows=14)
    it.presses("A", ENTER)
    it.shows("1 of about", "q leave")
    it.presses("?")
    it.shows("This decides which of the later")
    it.presses("?", DOWN, DOWN, DOWN, DOWN, DOWN)
    it.shows("> d I don't know", "q leave")
    assert all(len(line) < 40 for line in it.display.screen)
    it.presses(CTRL_C)
    assert it.ends() == 130


def test_no_color_sends_no_colours_and_nothing_depends_on_them(talk):
    it = talk(NO_COLOR="1", PYTHONWARNINGS="error", PYTHONDEVMODE="1")
    it.presses(ENTER, DOWN, "z")
    it.shows("! `z` does nothing here", "> 1 model")
    it.presses("1", "n", "2", ENTER, "1", ENTER)
    assert it.ends() == 0
    assert it.colours == set()
    assert "Warning" not in it.text
    # nor is the terminal asked where its cursor is: not every one answers
    assert "\x1b[6n" not in it.raw


def test_colours_are_there_where_they_are_not_refused(talk):
    it = talk()
    it.presses(ENTER, DOWN, "q")
    it.ends()
    assert it.colours


def test_a_terminal_without_cursor_keys_is_asked_line_by_line(talk, saved):
    it = talk(TERM="dumb")
    it.presses("Acme\n", "?\n", "7\n")
    it.shows("Look at most of the work.", "there is no `7` here")
    it.presses("e\n", "a link\n", "1\n", "n\n", "99\n")
    it.shows("99 is out of range")
    it.presses("5\n", "b\n", "\n")
    it.shows("4 of 4")
    it.presses(CTRL_C)
    it.shows("Left with 3 answers")
    assert it.ends() == 130
    it = talk("--resume", FILE, TERM="dumb")
    it.presses("d\n", "\n")
    assert it.ends() == 0
    assert "\x1b" not in it.raw
    assert saved()["answers"] == {"kind": "model", "data": "no", "months": 5, "letdown": None}
    assert saved()["notes"] == {"kind": "a link"}


def test_only_the_result_goes_to_a_standard_output_that_is_no_terminal(pack, cache, tmp_path):
    command = shlex.join([sys.executable, "-c", SCRIPT, "assess", "--json", "--rules", str(pack)])
    it = Conversation(["-c", f"{command} > out.json"], tmp_path, program="/bin/sh", XDG_CACHE_HOME=cache)
    it.shows("What is the project called?")
    it.presses(ENTER, "2", "5", ENTER, "2", ENTER)
    it.shows("The answers are in riskengine-answers.yaml.")
    assert it.ends() == 0
    result = json.loads((tmp_path / "out.json").read_text())
    assert 0 < result["probability"] < 1
    assert "probability" not in it.text
