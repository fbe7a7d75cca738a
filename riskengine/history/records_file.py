"""The lines of a whole history, as `history export --everything` writes them, read again and checked."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from riskengine.assessment.answers import Answers
from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.history.record import (
    ASSESSED,
    FAILED,
    IMPORTED,
    MAX_END,
    SUCCEEDED,
    Outcome,
    Recorded,
    Result,
    checked_day,
    checked_text,
    name_of,
)
from riskengine.history.rows import result_from_json
from riskengine.pack.source import read_bytes

__all__ = ["read_records"]

MAX_BYTES = 2_000_000_000
_LAST_DAY = "9999-12-30"


def read_records(path: Path) -> list[Recorded | Outcome]:
    """Read every record of a history.

    Args:
        path: The file, JSON Lines.

    Raises:
        ProblemError: RE-308 if the file can't be read, RE-513 for each line that is no record.
    """
    lines = read_bytes(path, limit=MAX_BYTES, code="RE-308").split(b"\n")
    records, problems = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        source = Source(str(path), line=number)
        try:
            records.append(_record(json.loads(line, parse_constant=_refuse)))
        except ProblemError as error:
            problems += [Problem("RE-513", one.message, one.help, source, one.value) for one in error.problems]
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            message = f"this line is no record of a history: {shorten(f'{type(error).__name__} {error}')}"
            help = "`riskengine history export --everything` writes such files"
            problems.append(Problem("RE-513", message, help, source))
    if problems:
        raise ProblemError(problems)
    return records


def _refuse(constant: str) -> float:
    raise ValueError(f"a number is {constant}")


def _record(form: Mapping[str, Any]) -> Recorded | Outcome:
    return _recorded(form) if form["kind"] == "assessment" else _outcome(form)


def _recorded(form: Mapping[str, Any]) -> Recorded:
    return Recorded(
        id=_id(form["id"]),
        project=name_of(form["project"]),
        date=checked_day(form["date"], "date", _LAST_DAY, "RE-513"),
        recorded_at=_time(form["recorded_at"]),
        origin=_one_of(form["origin"], (ASSESSED, IMPORTED)),
        corrects=None if form["corrects"] is None else _id(form["corrects"]),
        answers={
            str(name): value if isinstance(value, float) else _level(value) for name, value in _map(form, "answers")
        },
        notes={str(name): str(value) for name, value in _map(form, "notes")},
        by={str(name): str(value) for name, value in _map(form, "by")},
        versions=_versions(form["versions"]),
        result=_result(form),
        department=_department(form.get("department")),
    )


def _department(value: Any) -> str | None:
    return None if value is None else Answers({}).of_department(value).department


def _outcome(form: Mapping[str, Any]) -> Outcome:
    return Outcome(
        id=_id(form["id"]),
        project=name_of(form["project"]),
        outcome=_one_of(form["outcome"], (SUCCEEDED, FAILED)),
        end=None if form["end"] is None else checked_text(form["end"], "end", "RE-513", MAX_END),
        date=checked_day(form["date"], "date", _LAST_DAY, "RE-513"),
        note=checked_text(form["note"], "note", "RE-513"),
        recorded_at=_time(form["recorded_at"]),
        corrects=None if form["corrects"] is None else _id(form["corrects"]),
    )


def _versions(form: Mapping[str, Any]) -> Mapping[str, Any]:
    if not all(isinstance(form["pack"][name], str) for name in ("name", "version", "hash")):
        raise ValueError("the pack has no name, version or hash")
    # whatever else a newer riskengine says is kept
    return form


def _result(form: Mapping[str, Any]) -> Result:
    found = result_from_json(form)
    shares = (found.probability, *found.answers_range, *found.model_range, found.answered_share, *found.ends.values())
    if not all(0.0 <= one <= 1.0 for one in shares):
        raise ValueError("a probability or a share is not between 0 and 1")
    return found


def _map(form: Mapping[str, Any], key: str) -> Iterable[tuple[Any, Any]]:
    items: Iterable[tuple[Any, Any]] = form[key].items()
    return items


def _level(value: object) -> str | float:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f"an answer is {value!r}")
    return value if isinstance(value, str) else float(value)


def _id(value: object) -> str:
    if not isinstance(value, str) or len(value) != 32 or not set(value) <= set("0123456789abcdef"):
        raise ValueError(f"an id is {value!r}")
    return value


def _time(value: str) -> str:
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"a time without its zone is {value!r}")
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds")


def _one_of(value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return str(value)
