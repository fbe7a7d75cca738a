"""A small pack that extends the shipped one: a question, a rule with examples and a test, ready to edit."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.pack.json_schemas import FOLDER, hint, schema_name, schemas_of, written
from riskengine.pack.locate import SHIPPED_NAME
from riskengine.pack.read import read_pack

__all__ = ["write_new_pack"]

MAX_NAME = 64
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_PACK = """\
# A pack of your own. It starts from the shipped pack, and says only what differs.
name: {name}
version: 0.1.0
extends: riskengine
"""

_QUESTIONNAIRE = """\
# Questions of your own. They are asked after those of the shipped pack.
questions:
  - id: works_council
    area: adoption
    phase: planning
    text: Has the works council been told of the project?
    help: >-
      By somebody who may speak for the project, not by rumour. Where there is no works council, the
      question does not apply.
    type: yes_no
    worse: no
    # of ten projects like yours: how many have told it, how many have not, and for how many does it not apply?
    shares: {yes: 0.4, no: 0.3, n/a: 0.3}
    change: low
    may_not_apply: true
"""

_RULES = """\
# Rules of your own. Each has at least one example that fires and one that is ruled out.
area: adoption
rules:
  - id: works-council-not-told
    title: The works council has not been told of the project
    when: {works_council: no}
    weight: 0.2
    leads_to: [unused]
    why: Whoever hears of it last can hold it up longest, when everything is paid for.
    advice: Tell them this month what is planned, and ask what they need to know before they agree.
    sources: [own-experience]
    basis: judgement
    examples:
      - {answers: {works_council: no}, state: fires}
      - {answers: {}, state: possible}
      - {answers: {works_council: yes}, state: ruled_out}
      - {answers: {works_council: n/a}, state: ruled_out}
"""

_SOURCES = """\
# What your rules cite.
sources:
  own-experience:
    cite: What we have seen in our own projects. Nobody has measured it.
    grade: C
"""

_TESTS = """\
# Whole projects, and what the pack shall find in them.
tests:
  - name: a project that nobody has told the works council about
    answers: {stage: idea, works_council: no}
    fires: [works-council-not-told]
"""

_FILES: Mapping[str, tuple[str, str]] = {
    "pack.yaml": ("pack", _PACK),
    "questionnaire.yaml": ("questionnaire", _QUESTIONNAIRE),
    "rules.yaml": ("rules", _RULES),
    "sources.yaml": ("sources", _SOURCES),
    "projects.test.yaml": ("tests", _TESTS),
}


def write_new_pack(name: str, folder: Path) -> tuple[Path, ...]:
    """Write a new pack: all of its files, or none.

    The JSON Schemas of its files are written too, so that an editor can check and complete them.

    Args:
        name: The name of the pack, and of its folder.
        folder: In which folder it is made.

    Returns:
        The files of the pack, without the schemas.

    Raises:
        ProblemError: RE-804 if the name is no name for a pack, RE-801 if its folder is there already or can't be
            written.
    """
    _check_name(name)
    target = folder / name
    if os.path.lexists(target):
        raise _unwritable(target, "it is there already", "choose another name, or another folder with `--output`")
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}.") as beside:
            made = Path(beside) / name
            made.mkdir()
            _write(name, made)
            made.rename(target)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _unwritable(target, reason, "name a folder that is there and that you may write to") from None
    return tuple(target / file for file in _FILES)


def _check_name(name: str) -> None:
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        right = f"small letters, digits and hyphens, at most {MAX_NAME}, such as `my-house`"
        raise ProblemError(Problem("RE-804", f"`{shorten(name)}` is no name for a pack", right, value=shorten(name)))
    if name == SHIPPED_NAME:
        message = f"`{name}` is the name of the shipped pack"
        raise ProblemError(Problem("RE-804", message, "choose another name, such as `my-house`", value=name))


def _unwritable(target: Path, reason: str, right: str) -> ProblemError:
    message = f"the new pack cannot be written: {reason}"
    return ProblemError(Problem("RE-801", message, right, Source(str(target))))


def _write(name: str, folder: Path) -> None:
    for file, (kind, text) in _FILES.items():
        content = f"{hint(kind)}\n{text.replace('{name}', name)}"
        (folder / file).write_text(content, encoding="utf-8", newline="\n")
    (folder / FOLDER).mkdir()
    for kind, made in schemas_of(read_pack(folder)).items():
        (folder / FOLDER / schema_name(kind)).write_text(written(made), encoding="utf-8", newline="\n")
