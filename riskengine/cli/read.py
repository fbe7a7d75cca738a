"""Answers from a file or from standard input, and answers written to a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskengine.assessment.answers import Answers
    from riskengine.pack.model import Pack

__all__ = ["content_of", "read_begun", "read_given", "write_answers"]


def read_given(path: str, pack: Pack) -> Answers:
    """Read answers from a file, or from standard input where the path is `-`."""
    from riskengine.assessment.answers import answers_from_text

    return answers_from_text(content_of(path), path, pack)


def content_of(path: str) -> bytes:
    """Read the bytes of a small file, or of standard input where the path is `-`."""
    from riskengine.errors import Problem, ProblemError, Source
    from riskengine.pack.source import MAX_BYTES, read_bytes

    if path != "-":
        return read_bytes(Path(path), code="RE-308")
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        message = f"standard input holds more than {MAX_BYTES:,} bytes"
        raise ProblemError(Problem("RE-306", message, "answers are short texts", Source("-")))
    return content


def read_begun(path: Path, pack: Pack) -> tuple[Answers, frozenset[str]]:
    """Read an answers file that shall be gone on with.

    Returns:
        The answers, and the questions that were answered with *don't know*: those where the file spells out
        `null`. A question that is followed by nothing, as in a template, was not answered yet.

    Raises:
        ProblemError: with everything that is wrong with the file.
    """
    from riskengine.assessment.answers import answers_from_text
    from riskengine.pack.source import read_bytes

    content = read_bytes(path, code="RE-308")
    answers = answers_from_text(content, str(path), pack)
    return answers, _spelled_out_nulls(content, str(path), pack)


def _spelled_out_nulls(content: bytes, file: str, pack: Pack) -> frozenset[str]:
    from riskengine.errors import ProblemError
    from riskengine.pack.source import MappingNode, ScalarNode, read_json, read_yaml

    try:
        node = read_json(content, file) if file.lower().endswith(".json") else read_yaml(content, file)
    except ProblemError:
        # the answers could be read, so it is JSON that is no YAML
        node = read_json(content, file)
    inner = node.get("answers") if isinstance(node, MappingNode) and "answers" not in pack.question else None
    held = inner if isinstance(inner, MappingNode) else node
    if not isinstance(held, MappingNode):
        return frozenset()
    renamed = {old: question.id for question in pack.questions for old in question.renamed_from}
    return frozenset(
        renamed.get(key.text, key.text)
        for key, value in held.entries
        if isinstance(value, ScalarNode) and value.value is None and value.text
    )


def write_answers(path: Path, answers: Answers) -> None:
    """Write answers to a file that `assess` reads again: JSON where the name ends so, else YAML.

    Args:
        path: The file.
        answers: The answers; a value of `None` is written as `null`.

    Raises:
        ProblemError: RE-801 if it can't be written.
    """
    import json

    from riskengine.assessment.answers import answers_to_json
    from riskengine.assessment.build import write_output
    from riskengine.pack.source import yaml_text

    form = answers_to_json(answers)
    as_json = path.suffix.lower() == ".json"
    text = json.dumps(form, ensure_ascii=False, indent=2) + "\n" if as_json else yaml_text(form)
    write_output(path, text)
