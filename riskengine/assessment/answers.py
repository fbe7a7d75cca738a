"""Answers of one project, from a file or from Python: typed, checked, every problem with its place."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeGuard

from riskengine.assessment.names import MAX_DEPARTMENT, is_department, key_of, spelled
from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.logic.conditions import NotApplicable, Value
from riskengine.pack.answers import check_value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question
from riskengine.pack.source import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    plain,
    quoted,
    read_bytes,
    read_json,
    read_yaml,
    shown,
)

__all__ = [
    "Answers",
    "answers_from_mapping",
    "answers_from_text",
    "answers_that_fit",
    "answers_to_json",
    "read_answers",
]

_ENVELOPE = ("project", "department", "date", "pack", "answers", "notes", "by")
MAX_TEXT = 10_000
MAX_SUGGESTIONS = 100


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known about one project.

    Attributes:
        values: Typed values by question, in pack order; unknown ones are left out.
        project: Its name.
        date: Day of the answers, ISO 8601.
        pack: Name of the pack they were given for.
        notes: Evidence by question.
        by: Who answered, by question.
        department: The part of the house that it is of.
    """

    values: Mapping[str, Value]
    project: str | None = None
    date: str | None = None
    pack: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    by: Mapping[str, str] = field(default_factory=dict)
    department: str | None = None

    def of_department(self, department: str | None) -> Answers:
        """Give the same answers for a project of a department.

        Args:
            department: Its name; `None` leaves them as they are.

        Raises:
            ProblemError: RE-302 if this is no name, RE-804 if they name another department.
        """
        if department is None:
            return self
        named, source = spelled(department), Source(field="department")
        if not is_department(named):
            message = f"`{shorten(department)}` is no name of a department"
            help = f"a short name, at most {MAX_DEPARTMENT} characters"
            raise ProblemError(Problem("RE-302", message, help, source, shorten(department)))
        if self.department is not None and key_of(self.department) != key_of(named):
            message = f"the answers name another department, `{shorten(self.department)}`"
            help = "leave one of the two out"
            raise ProblemError(Problem("RE-804", message, help, source, shorten(department)))
        return replace(self, department=self.department or named)


def read_answers(path: Path, pack: Pack) -> Answers:
    """Read an answers file, YAML or JSON.

    Args:
        path: The file, at most 1 MB.
        pack: The pack whose questions it answers.

    Raises:
        ProblemError: with everything that is wrong with it.
    """
    return answers_from_text(read_bytes(path, code="RE-308"), str(path), pack)


def answers_that_fit(path: Path, pack: Pack) -> tuple[Answers, Mapping[str, Problem]]:
    """Read of an answers file what a pack can read: the file may have been made for another pack.

    Args:
        path: The file, at most 1 MB.
        pack: The pack whose questions it answers.

    Returns:
        The answers that fit, without notes, and what is wrong with each of the others, by its question as written.

    Raises:
        ProblemError: with all that is wrong with the file, whatever the pack.
    """
    node, twice = _root(read_bytes(path, code="RE-308"), str(path))
    return _Reader(pack, twice).what_fits(node)


def answers_from_text(content: bytes, file: str, pack: Pack) -> Answers:
    """Read answers from the bytes of a YAML or JSON document.

    Args:
        content: The document; it is read as JSON if it begins with a brace or a bracket and the YAML reader
            would not take it, or if the file's name says so.
        file: Its name, for messages.
        pack: The pack whose questions it answers.

    Raises:
        ProblemError: with everything that is wrong with it.
    """
    node, twice = _root(content, file)
    return _Reader(pack, twice).read(node)


def _root(content: bytes, file: str) -> tuple[MappingNode, list[Problem]]:
    """Parse an answers file, and give the problem of each key that stands twice."""
    twice: list[Problem] = []
    read = read_json if _is_json(content, file) else read_yaml
    node = read(content, file, twice=twice)
    if node is None or (isinstance(node, ScalarNode) and node.value is None):
        help = "`riskengine template` writes one to fill in; `{}` is a project of which nothing is known"
        raise ProblemError(Problem("RE-306", "the file is empty", help, Source(file, 1, 1)))
    if not isinstance(node, MappingNode):
        help = "answers are a mapping of question to value: `question: level`"
        raise ProblemError(Problem("RE-307", f"{quoted(node)} is no mapping", help, node.source, shown(node)))
    return node, twice


def _is_json(content: bytes, file: str) -> bool:
    if file.lower().endswith(".json"):
        return True
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return False
    # flow style is YAML too, with words unquoted; what parses as JSON is read as JSON
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def answers_from_mapping(raw: Mapping[str, object], pack: Pack) -> Answers:
    """Check answers that were handed over in Python.

    Args:
        raw: A flat mapping of question to value, or the same mapping that an answers file holds.
        pack: The pack whose questions it answers.

    Raises:
        ProblemError: with everything that is wrong with them.
    """
    if not isinstance(raw, Mapping):
        message = f"a {type(raw).__name__} is no mapping"
        raise ProblemError(Problem("RE-307", message, "map each question to its answer", Source(field="answers")))
    return _Reader(pack).read(_as_mapping(raw, Source(field="answers"), 1))


def _as_mapping(raw: Mapping[Any, object], source: Source, depth: int) -> MappingNode:
    entries = []
    for key, part in raw.items():
        place = Source(field=str(key))
        entries.append((ScalarNode(str(key), str(key), place), _as_node(part, place, depth + 1)))
    return MappingNode(tuple(entries), source)


def _as_node(value: object, source: Source, depth: int) -> Node:
    if isinstance(value, Mapping):
        # the envelope and what it holds; nothing deeper is ever an answer
        return _as_mapping(value if depth <= 2 else {}, source, depth)
    if isinstance(value, NotApplicable):
        value = NOT_APPLICABLE_LEVEL
    if isinstance(value, str):
        # an exact string, where a library or an enumeration has one of its own kind
        return ScalarNode(str.__str__(value), str.__str__(value), source)
    if value is None or isinstance(value, (bool, int, float)):
        return ScalarNode(value, _written(value), source)
    if isinstance(value, datetime.date):
        return ScalarNode(value.isoformat()[:10], value.isoformat()[:10], source)
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", None) == ():
        # a scalar of numpy, or of a frame
        return _as_node(item(), source, depth + 1) if depth <= 4 else SequenceNode((), source)
    if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__array__"):
        return SequenceNode((), source)
    return ScalarNode(f"<{type(value).__name__}>", f"<{type(value).__name__}>", source)


def _written(value: float | None) -> str:
    if isinstance(value, int) and abs(value) >= 10**60:
        # Python itself refuses to write some thousand digits
        return "a number of many digits"
    return "" if value is None else str(value)


def answers_to_json(answers: Answers) -> dict[str, object]:
    """Give answers as an answers file holds them."""
    values = {
        question: NOT_APPLICABLE_LEVEL if isinstance(value, NotApplicable) else value
        for question, value in answers.values.items()
    }
    form: dict[str, object] = {
        "project": answers.project,
        "department": answers.department,
        "date": answers.date,
        "pack": answers.pack,
        "answers": values,
        "notes": dict(answers.notes),
        "by": dict(answers.by),
    }
    return {key: value for key, value in form.items() if key == "answers" or value}


class _Reader:
    def __init__(self, pack: Pack, problems: Sequence[Problem] = ()) -> None:
        self._pack = pack
        self._problems: list[Problem] = list(problems)
        self._suggestions = 0
        self._renamed = {old: question.id for question in pack.questions for old in question.renamed_from}

    def read(self, node: MappingNode) -> Answers:
        result = self._whole(node)
        self._raise(self._problems)
        return result

    def what_fits(self, node: MappingNode) -> tuple[Answers, Mapping[str, Problem]]:
        inner = self._inner(node)
        if inner is not None:
            kept = tuple(entry for entry in node.entries if entry[0].value not in ("notes", "by"))
            node = MappingNode(kept, node.source)
        result = self._whole(node)
        held = node if inner is None else inner
        entries = held.entries if isinstance(held, MappingNode) else ()
        places = {place: key.text for key, value in entries for place in (key.source, value.source)}
        self._raise([one for one in self._problems if one.source not in places])
        return result, {places[one.source]: one for one in self._problems}

    def _inner(self, node: MappingNode) -> Node | None:
        return None if "answers" in self._pack.question else node.get("answers")

    def _whole(self, node: MappingNode) -> Answers:
        inner = self._inner(node)
        return Answers(self._values(node, flat=True)) if inner is None else self._envelope(node, inner)

    @staticmethod
    def _raise(problems: Sequence[Problem]) -> None:
        if problems:
            raise ProblemError(sorted(problems, key=_position))

    def _envelope(self, node: MappingNode, inner: Node) -> Answers:
        for key, _ in node.entries:
            if key.value not in _ENVELOPE:
                help = nearest(shown(key), _ENVELOPE)
                if self._question(key) is not None:
                    help = "move it below `answers:`"
                self._problem("RE-103", f"unknown key `{shown(key)}`", help, key)
        return Answers(
            values=self._values(inner),
            project=self._text(node, "project"),
            date=self._date(node),
            pack=self._text(node, "pack"),
            notes=self._texts(node.get("notes"), "notes"),
            by=self._texts(node.get("by"), "by"),
            department=self._department(node),
        )

    def _problem(self, code: str, message: str, help: str, node: Node) -> None:
        self._problems.append(Problem(code, message, help, node.source, shown(node)))

    def _question(self, key: ScalarNode) -> Question | None:
        name = key.text
        return self._pack.question.get(self._renamed.get(name, name))

    def _values(self, node: Node, *, flat: bool = False) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for question, key, value in self._by_question(node, flat=flat):
            if question.id in found:
                self._problem("RE-102", f"`{question.id}` is answered twice", "keep one of the two", key)
            if not isinstance(value, ScalarNode):
                message = f"`{question.id}` has one answer, not {quoted(value)}"
                self._problem("RE-302", message, "write a single value", value)
                continue
            checked, problem = check_value(question, plain(value), value.source)
            if problem is not None:
                self._problems.append(problem)
            else:
                found[question.id] = checked
        order = [question.id for question in self._pack.questions]
        return {question: found[question] for question in order if found.get(question) is not None}

    def _by_question(self, node: Node, *, flat: bool = False) -> list[tuple[Question, ScalarNode, Node]]:
        if isinstance(node, ScalarNode) and node.value is None:
            return []
        if not isinstance(node, MappingNode):
            self._problem("RE-307", f"{quoted(node)} is no mapping", "write `question: value`", node)
            return []
        found = []
        for key, value in node.entries:
            question = self._question(key)
            if question is None:
                help = self._suggestion(key.text) or "`riskengine template` lists all questions"
                if flat and key.text in _ENVELOPE:
                    help = f"beside `{key.text}`, put the answers below `answers:`"
                self._problem("RE-301", f"unknown question `{shown(key)}`", help, key)
            else:
                found.append((question, key, value))
        return found

    def _suggestion(self, name: str) -> str:
        # looking for a near name takes long enough that a file of nothing but unknown names would seem to hang
        self._suggestions += 1
        return nearest(name, [*self._pack.question]) if self._suggestions <= MAX_SUGGESTIONS else ""

    def _texts(self, node: Node | None, name: str) -> dict[str, str]:
        if node is None:
            return {}
        found = {}
        for question, _, value in self._by_question(node):
            if isinstance(value, ScalarNode) and value.value is None:
                continue
            if not _is_text(value):
                message = f"`{question.id}` under `{name}` is no text of ordinary length"
                self._problem("RE-302", message, f"a text of at most {MAX_TEXT:,} characters", value)
            else:
                found[question.id] = value.text
        return found

    def _text(self, node: MappingNode, name: str) -> str | None:
        value = node.get(name)
        if value is None or (isinstance(value, ScalarNode) and value.value is None):
            return None
        if not _is_text(value):
            self._problem("RE-302", f"`{name}` is no text of ordinary length", "write a short text", value)
            return None
        return value.text

    def _department(self, node: MappingNode) -> str | None:
        named = spelled(self._text(node, "department") or "")
        if not named or is_department(named):
            return named or None
        value = node.get("department")
        assert value is not None
        help = f"a short name, at most {MAX_DEPARTMENT} characters"
        self._problem("RE-302", f"`department` is no name, `{shorten(named, 40)}`", help, value)
        return None

    def _date(self, node: MappingNode) -> str | None:
        text = self._text(node, "date")
        if text is None:
            return None
        try:
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            value = node.get("date")
            assert value is not None
            self._problem("RE-302", f"`date` is no day, `{shorten(text, 40)}`", "write it as 2026-11-24", value)
            return None


def _is_text(node: Node) -> TypeGuard[ScalarNode]:
    """Say whether a node is a text of ordinary length, without halves of characters, which no file can hold."""
    if not isinstance(node, ScalarNode) or len(node.text) > MAX_TEXT:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in node.text)


def _position(problem: Problem) -> tuple[int, int]:
    return problem.source.line or 0, problem.source.column or 0
