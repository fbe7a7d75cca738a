"""An assessment that `assess --json` printed some time ago, read again."""

from __future__ import annotations

import json

from pydantic import ValidationError

from riskengine.assessment.result import Assessment
from riskengine.errors import Problem, ProblemError, Source, shorten

__all__ = ["is_stored_assessment", "read_stored_assessment"]


def is_stored_assessment(content: bytes) -> bool:
    """Say whether a file is what `assess --json` prints, and no file of answers.

    Examples:
        >>> is_stored_assessment(b'{"probability": 0.2, "versions": {}}'), is_stored_assessment(b"stage: idea")
        (True, False)
    """
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    try:
        form = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(form, dict) and {"probability", "versions"} <= form.keys()


def read_stored_assessment(content: bytes, file: str) -> Assessment:
    """Read what `assess --json` printed.

    Args:
        content: The file.
        file: Its name, for messages.

    Raises:
        ProblemError: RE-511 if something is missing or changed, or if it is too old to hold its answers.
    """
    source = Source(file)
    try:
        found = Assessment.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        message = f"this is no whole assessment: `{shorten(place)}`: {shorten(first['msg'])}"
        help = "store the output of `riskengine assess --json` as it is, or give the answers file"
        raise ProblemError(Problem("RE-511", message, help, source)) from None
    if not found.answers:
        message = "this assessment does not hold its answers"
        help = "give the answers file; `assess --json` of this version holds them"
        raise ProblemError(Problem("RE-511", message, help, source))
    return found
