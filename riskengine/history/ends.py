"""How projects end, by a pack."""

from __future__ import annotations

from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.history.record import FAILED, SUCCEEDED
from riskengine.pack.model import Pack

__all__ = ["check_end", "outcome_in"]


def check_end(end: str, pack: Pack) -> None:
    """Refuse an end that a pack doesn't have.

    Raises:
        ProblemError: RE-509.
    """
    known = [one.id for one in pack.ends]
    if end not in known:
        message = f"unknown end `{shorten(end)}`"
        raise ProblemError(Problem("RE-509", message, nearest(end, known), Source(field="end"), shorten(end)))


def outcome_in(word: str, pack: Pack) -> tuple[str, str | None]:
    """Read the one word that says what became of a project: `succeeded`, `failed`, or an end.

    Args:
        word: The word, in any case of letters.
        pack: The pack that has the ends.

    Returns:
        The outcome, and the end where the word says it.

    Raises:
        ProblemError: RE-509.
    """
    low = word.strip().lower()
    ends = {one.id.lower(): one.id for one in pack.ends}
    if low in ends:
        return FAILED, ends[low]
    if low in (SUCCEEDED, FAILED):
        return low, None
    help = nearest(low, [SUCCEEDED, FAILED, *ends.values()])
    message = f"unknown outcome `{shorten(word)}`"
    raise ProblemError(Problem("RE-509", message, help, Source(field="outcome"), shorten(word)))
