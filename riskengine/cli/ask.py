"""`riskengine assess` without a file: the questions, one at a time, and every answer saved as soon as it is given.

Which question comes next is decided in `questionnaire`; what it looks like, in `screen`; keys are read in `terminal`.
"""

from __future__ import annotations

import datetime
import errno
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import typer

from riskengine.assessment.answers import MAX_TEXT, Answers
from riskengine.assessment.assess import label_of
from riskengine.assessment.build import BuiltPack
from riskengine.cli.questionnaire import Questionnaire, begin, complaint_while_typing, read_number
from riskengine.cli.read import read_begun, write_answers
from riskengine.cli.screen import Field, Key, Row, Screen
from riskengine.cli.terminal import Terminal, open_terminal
from riskengine.errors import Problem, ProblemError, Source
from riskengine.history.given import with_name
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.model import Pack, Question

__all__ = ["DEFAULT_FILE", "ask", "help_of", "screen_of"]

DEFAULT_FILE = "riskengine-answers.yaml"

_HUNG_UP = (errno.EIO, errno.EBADF, errno.ENXIO, errno.EPIPE)


class Wish(Enum):
    """What can be wished for other than to answer."""

    BACK = auto()
    FORWARD = auto()
    NOTE = auto()
    PROJECT = auto()
    LEAVE = auto()
    AGAIN = auto()
    FINISH = auto()


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply that is an answer; `None` for *don't know*."""

    value: Value


def ask(
    built: BuiltPack,
    *,
    quick: bool = False,
    resume: Path | None = None,
    answers_out: Path | None = None,
    project: str | None = None,
    department: str | None = None,
    options: Sequence[str] = (),
) -> Answers:
    """Ask the questions in the terminal.

    The conversation goes to standard error where that is a terminal, so that standard output is left to the result.

    Args:
        built: The pack.
        quick: Whether to ask the quick set only, with the questions that decide whether these are asked.
        resume: Answers to go on with; the new ones are saved there too.
        answers_out: Where answers are saved instead.
        project: The project's name, if the answers to go on with have none.
        department: The part of the house that it is of, if they don't say so.
        options: Further options of the command, to print how to go on.

    Returns:
        The answers, when the questionnaire has come to its end.

    Raises:
        ProblemError: with all problems of the file to go on with; RE-506 if it has another name than `project`;
            RE-804 if they name another department; RE-803 without a terminal; RE-801 if answers can't be saved.
        typer.Exit: when the user left; the answers are saved.
        typer.Abort: on Ctrl-C and closed input; the answers are saved.
    """
    begun, not_known = (Answers({}), frozenset[str]()) if resume is None else read_begun(resume, built.pack)
    if project is not None:
        begun = with_name(begun, project, str(resume))
    begun = begun.of_department(department)
    terminal = open_terminal()
    if resume is not None and answers_out is None:
        _check_place(resume)
    if answers_out is not None:
        _check_place(answers_out)
    with terminal.held():
        return _Interview(terminal, built.pack, begun, not_known, quick, resume, answers_out, options).run()


class _Interview:
    """The conversation: from one screen to the next, with every answer saved."""

    def __init__(
        self,
        terminal: Terminal,
        pack: Pack,
        begun: Answers,
        not_known: frozenset[str],
        quick: bool,
        resume: Path | None,
        answers_out: Path | None,
        options: Sequence[str],
    ) -> None:
        self._terminal = terminal
        self._pack = pack
        self._begun = begun
        self._project = begun.project
        values = {**begun.values, **dict.fromkeys(not_known)}
        self._state = begin(pack, quick=quick, values=values, notes=begun.notes, by=begun.by)
        self._file = _File(resume, answers_out)
        self._is_saved = True
        self._options = (*(["--quick"] if quick else []), *options)

    def run(self) -> Answers:
        try:
            self._file.choose(self._terminal)
            self._introduce()
            if self._project is None and self._state.current is not None and not self._state.has_previous:
                self._ask_project()
            while not self._step():
                pass
            self._say_end()
        except (KeyboardInterrupt, EOFError):
            self._leave()
            raise typer.Abort from None
        except OSError as error:
            if error.errno not in _HUNG_UP:
                raise
            # the terminal is gone; nobody reads what is said, but the answers are kept
            self._leave()
            raise typer.Abort from None
        known = {question: value for question, value in self._state.values.items() if value is not None}
        return self._answers(known)

    # --- one step ---

    def _step(self) -> bool:
        """Show one screen and do what is replied; say whether that was the end."""
        if self._state.current is None:
            reply = self._terminal.ask(self._end_screen())
        else:
            reply = self._terminal.ask(screen_of(self._state))
        match reply:
            case Answered(value):
                self._take(value)
            case Wish.BACK:
                self._state = self._state.back()
            case Wish.PROJECT:
                self._ask_project()
            case Wish.FORWARD:
                self._state = self._state.forward()
                self._say_left_open()
            case Wish.AGAIN:
                self._keep(self._state.ask_again())
            case Wish.NOTE:
                self._ask_note()
            case Wish.LEAVE:
                self._leave()
                raise typer.Exit
        return reply is Wish.FINISH

    def _take(self, value: Value) -> None:
        question, number = self._state.question, self._state.progress.number
        assert question is not None
        self._keep(self._state.answer(value))
        self._terminal.say(question.text, first=f"{number}. ")
        self._terminal.say(label_of(question, value), first="    ", is_bold=True)
        note = self._state.notes.get(question.id)
        if note:
            self._terminal.say(f"Evidence: {note}", first="    ")
        self._say_dropped(self._state.dropped)
        self._say_left_open()

    def _keep(self, state: Questionnaire) -> None:
        """Take a state that holds something new, and save it before anything else."""
        self._is_saved = False
        self._state = state
        self._save()

    def _ask_note(self) -> None:
        question = self._state.question
        assert question is not None
        before = self._state.notes.get(question.id, "")
        title = f"Evidence for: {question.text}"
        hint = "A link, a document, a name. Enter keeps what is written, Escape leaves all as it was."
        text = self._terminal.ask_text(title, hint, before)
        if text is not None and text != before:
            self._keep(self._state.note(self._short(text)))

    def _ask_project(self) -> None:
        title = "What is the project called?"
        hint = "Enter goes on; the name may be left out."
        text = self._terminal.ask_text(title, hint, self._project or "")
        if text is not None and text != (self._project or ""):
            self._project = self._short(text)
            self._keep(self._state)
            self._terminal.say(f"Project: {self._project or 'no name'}")

    def _short(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            self._terminal.say(f"The text was cut to {MAX_TEXT:,} characters.")
        return text[:MAX_TEXT]

    def _end_screen(self) -> Screen:
        not_known = len(self._state.not_known)
        known = len(self._state.order) - not_known
        rows = [Row("a", "Show the assessment", Wish.FINISH)]
        if not_known:
            rows.append(Row("u", f"Go through what is not known once more ({not_known})", Wish.AGAIN))
        return Screen(
            head="The end",
            title="All questions have been asked.",
            body=[f"{known} answered, {not_known} not known."],
            rows=rows,
            keys=[_BACK, _LEAVE],
            chosen=0,
        )

    # --- saving ---

    def _answers(self, values: Mapping[str, Value]) -> Answers:
        return Answers(
            values=values,
            project=self._project or None,
            date=self._day(values),
            pack=self._pack.name,
            notes=self._state.notes,
            by=self._state.by,
            department=self._begun.department,
        )

    def _day(self, values: Mapping[str, Value]) -> str:
        """Give the day of the answers: today, unless all of them were given before."""
        begun = self._begun
        known = {question: value for question, value in values.items() if value is not None}
        is_older = known.items() <= begun.values.items() and self._state.notes.items() <= begun.notes.items()
        return begun.date if begun.date is not None and is_older else datetime.date.today().isoformat()

    def _save(self) -> None:
        try:
            self._save_at_last()
        except ProblemError as error:
            # not the end: the answers are still here, and are saved with the next one
            self._terminal.say(f"Not saved yet: {error.problems[0].message}.")

    def _save_at_last(self) -> None:
        if not self._is_saved:
            self._file.write(self._answers(self._state.values))
            self._is_saved = True

    # --- what is said ---

    def _introduce(self) -> None:
        count = len(self._state.values)
        if self._file.is_resumed:
            to_go = self._state.progress.total - sum(one in self._state.values for one in self._state.order)
            self._terminal.say(f"Going on with {self._file.resume}: {_counted(count, 'answer')}, {to_go} to go.")
            if self._begun.pack not in (None, self._pack.name):
                self._terminal.say(f"They were given for the pack `{self._begun.pack}`; this is `{self._pack.name}`.")
            self._say_dropped(self._state.dropped)
        else:
            self._terminal.say(f"{_counted(self._state.progress.total, 'question')} at most, one at a time.")
        self._terminal.say(f"Each answer is saved at once, in {self._file.path}.")
        if self._file.left_alone is not None:
            self._terminal.say(f"{self._file.left_alone} stays as it is; `--resume` would go on with it.")
        self._terminal.say("Press the key of an answer, or go to it with the arrows and press Enter.")

    def _say_dropped(self, dropped: Mapping[str, Value]) -> None:
        if not dropped:
            return
        many = len(dropped) != 1
        asked = "These questions are" if many else "This question is"
        self._terminal.say(f"{asked} not asked any more, and the {'answers are' if many else 'answer is'} dropped:")
        for question, value in dropped.items():
            said = self._pack.question[question]
            self._terminal.say(f"{said.text} {label_of(said, value)}", first="  - ")

    def _say_left_open(self) -> None:
        left_open = self._state.left_open
        if self._state.current is not None or not left_open:
            return
        gates = {gate: None for found in left_open.values() for gate in found}
        self._terminal.say()
        self._terminal.say("Left open, for it is not known whether they apply:", is_bold=True)
        for question in left_open:
            self._terminal.say(f"{self._pack.question[question].text}", first="  - ")
        self._terminal.say("That depends on:")
        for gate in gates:
            self._terminal.say(f"{self._pack.question[gate].text}", first="  - ")

    def _say_end(self) -> None:
        self._save_at_last()
        self._file.keep_a_copy(self._answers(self._state.values))
        self._terminal.say()
        self._terminal.say(f"The answers are in {self._file.path}.")
        self._terminal.say()

    def _leave(self) -> None:
        self._save_at_last()
        with suppress(OSError):
            self._say_how_to_go_on()

    def _say_how_to_go_on(self) -> None:
        if not self._file.has_content:
            self._terminal.say("Nothing was answered, so nothing was saved.")
            return
        count = _counted(len(self._state.values), "answer")
        self._terminal.say(f"Left with {count} in {self._file.path}. To go on:")
        command = ["riskengine", "assess", "--resume", str(self._file.path), *self._options]
        self._terminal.say_command(shlex.join(command))


# --- where answers are saved -------------------------------------------------------------------------------


class _File:
    """The file that answers are saved in; one that is somebody else's is never written over unasked."""

    def __init__(self, resume: Path | None, answers_out: Path | None) -> None:
        self.resume = resume
        self.path = answers_out or resume or Path(DEFAULT_FILE)
        self.left_alone: Path | None = None
        self.is_resumed = resume is not None
        self._is_ours = resume is not None and _is_same(self.path, resume)
        self._may_overwrite = self._is_ours

    @property
    def has_content(self) -> bool:
        """Whether there are answers in it that this run goes on with, or has written."""
        return self._is_ours

    def choose(self, terminal: Terminal) -> None:
        """Settle which file it is; ask where one was named that is there already."""
        if self._is_ours or not self.path.exists():
            return
        free = _free_name(self.path)
        if self.path == Path(DEFAULT_FILE):
            self.left_alone, self.path = self.path, free
            return
        rows = [Row("k", f"Keep it, and save in {free}", False), Row("o", "Write over it", True)]
        screen = Screen(head=str(self.path), title="This file is there already.", rows=rows, keys=[])
        self._may_overwrite = terminal.ask(screen)
        if not self._may_overwrite:
            self.path = free

    def write(self, answers: Answers) -> None:
        """Save the answers."""
        if not self._may_overwrite and self.path.exists():
            # it was not there when the name was chosen
            self.path = _free_name(self.path)
        # a link stays a link
        write_answers(self.path.resolve() if self.path.is_symlink() else self.path, answers)
        self._is_ours = self._may_overwrite = True

    def keep_a_copy(self, answers: Answers) -> None:
        """Save the answers if the file that was wished for has none of them yet."""
        if not self._is_ours:
            self.write(answers)


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)


def _free_name(path: Path) -> Path:
    number = 2
    while (found := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return found


def _check_place(path: Path) -> None:
    """Find out before the first question whether answers can be saved."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a directory")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        message = f"the answers cannot be saved here: {(error.strerror or type(error).__name__).lower()}"
        help = "name a file in a folder that you may write to: `--answers-out FILE`"
        raise ProblemError(Problem("RE-801", message, help, Source(str(path)))) from None


# --- screens -----------------------------------------------------------------------------------------------

_BACK = Key("b", "back", Wish.BACK, ("left",))
_FORWARD = Key("f", "forward", Wish.FORWARD, ("right",))
_LEAVE = Key("q", "leave", Wish.LEAVE)


def screen_of(state: Questionnaire) -> Screen:
    """Give the screen of the current question, its answer kept where it has one.

    Args:
        state: The questionnaire.
    """
    question = state.question
    assert question is not None
    is_number = question.type == "number"
    rows = [
        Row(key, level.label, Answered(level.id))
        for key, level in zip(_keys_of(question), question.levels, strict=True)
    ]
    rows.append(Row("d", "I don't know", Answered(None)))
    if question.may_not_apply:
        rows.append(Row("x", "It doesn't apply to this project", Answered(NOT_APPLICABLE)))
    value = state.values.get(question.id)
    answered = None
    if state.is_answered and not (is_number and isinstance(value, float)):
        answered = next(place for place, row in enumerate(rows) if row.reply == Answered(value))
    note = state.notes.get(question.id, "")
    # the name is no further step back: whoever holds the key down would type into it
    back = _BACK if state.has_previous else Key("p", "project's name", Wish.PROJECT)
    keys = [Key("e", "change evidence" if note else "add evidence", Wish.NOTE), back]
    if state.is_answered:
        keys.append(_FORWARD)
    return Screen(
        head=f"{state.progress} - {dict(state.pack.areas)[question.area]}",
        title=question.text,
        rows=rows,
        keys=[*keys, _LEAVE],
        field=_field(question, value) if is_number else None,
        answered=answered,
        # where there is no answer yet nothing is chosen: who presses Enter without reading shall not have answered
        chosen=answered,
        note=note,
        help=help_of(state.pack, question, state.values),
    )


def _keys_of(question: Question) -> list[str]:
    """Give the levels' keys: the first letter of yes and no, else the place in the list while that is one digit."""
    if question.type == "yes_no":
        return [level.id[:1] for level in question.levels]
    return [str(place) if place < 10 else "" for place in range(1, len(question.levels) + 1)]


def _field(question: Question, value: Value) -> Field:
    def read(text: str) -> tuple[object | None, str]:
        number, wrong = read_number(question, text)
        return (None if number is None else Answered(number)), wrong

    def complain(text: str) -> str:
        return complaint_while_typing(question, text)

    unit = f" {question.unit}" if question.unit else ""
    asks = f"A number from {question.minimum:g} to {question.maximum:g}{unit}:"
    return Field(asks, _typed(value) if isinstance(value, float) else "", read, complain)


def _typed(number: float) -> str:
    """Write a number so that reading it again gives the very same."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def help_of(pack: Pack, question: Question, values: Mapping[str, Value]) -> list[str]:
    """Explain a question: what is meant, and why it is asked.

    How much an answer weighs is not said while the questions are being answered.

    Args:
        pack: The pack.
        question: The question.
        values: The answers so far.
    """
    findings = sum(question.id in pack.depends_on[rule.id] for rule in pack.weighed_rules)
    opens = sum(question.id in gates for gates in pack.gate_questions.values())
    used = []
    if opens:
        used.append(f"it decides whether {_counted(opens, 'later question')} {'is' if opens == 1 else 'are'} asked")
    if findings:
        used.append(f"{_counted(findings, 'finding')} can depend on it")
    why = _because(pack, question, values)
    if used:
        why += f" What for: {', and '.join(used)}."
    return [part for part in (question.help, why) if part]


def _because(pack: Pack, question: Question, values: Mapping[str, Value]) -> str:
    if question.ask_when is None:
        return "Asked of every project."
    reasons = [
        f"{pack.question[gate].text} {label_of(pack.question[gate], values[gate])}."
        for gate in pack.questions_read(question.ask_when)
        if gate in values
    ]
    return f"Asked because of: {' '.join(reasons)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
