"""The projects that two packs are compared on: answers, as far as each of the packs can read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from riskengine.assessment.answers import answers_that_fit
from riskengine.assessment.reference import draw
from riskengine.authoring.diff.names import Names
from riskengine.errors import Problem, ProblemError, Source
from riskengine.logic.conditions import Value
from riskengine.pack.answers import check_value
from riskengine.pack.model import Pack
from riskengine.pack.read import is_folder

__all__ = ["MOST_DRAWN", "Project", "Projects", "drawn", "from_files"]

MOST_DRAWN = 2_000
"""Projects of the reference sample that are compared, the first ones of it."""

_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Project:
    """One project.

    Attributes:
        name: What it is called.
        old: Its answers, as the old pack reads them.
        new: The same, as the new one does.
    """

    name: str
    old: Mapping[str, Value]
    new: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Projects:
    """The projects of a comparison.

    Attributes:
        source: Where they come from, in words.
        projects: The projects.
        lost_in_old: How many answers to each question the old pack can't read; they are unknown to it.
        lost_in_new: The same of the new pack.
    """

    source: str
    projects: Sequence[Project]
    lost_in_old: Mapping[str, int]
    lost_in_new: Mapping[str, int]


def drawn(old: Pack, new: Pack, names: Names, size: int = MOST_DRAWN) -> Projects:
    """Take the first projects of the old pack's reference sample.

    Args:
        old: The old pack.
        new: The new one.
        names: What the old pack's questions and levels are called in the new one.
        size: How many.
    """
    lost: Counter[str] = Counter()
    projects = []
    for number, answers in enumerate(islice(draw(old), size), 1):
        found = dict(_carried(answers, new, names, lost))
        projects.append(Project(f"ordinary project {number}", answers, found))
    source = f"the first {size:,} projects of the reference sample of {old.name} {old.version}"
    return Projects(source, projects, {}, dict(lost))


def _carried(answers: Mapping[str, Value], new: Pack, names: Names, lost: Counter[str]) -> Iterator[tuple[str, Value]]:
    """Give answers as the new pack reads them, and count those that it can't."""
    for former, value in answers.items():
        question = new.question.get(names.question(former))
        problem = None
        if question is not None:
            value, problem = check_value(question, value, Source())
        if question is None or problem is not None:
            lost[former] += 1
        else:
            yield question.id, value


def from_files(paths: Iterable[Path], old: Pack, new: Pack, names: Names) -> Projects:
    """Read answers files, which may be made for either pack.

    Args:
        paths: Files, and folders of them: all files of a folder and of those below it that may hold answers.
        old: The old pack.
        new: The new one.
        names: What the old pack's questions and levels are called in the new one.

    Raises:
        ProblemError: with all that neither pack can read; RE-280 if there is no file.
    """
    reader = _Reader(old, new, names)
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    for path in files:
        reader.read(path)
    if reader.problems:
        raise ProblemError(reader.problems)
    source = f"{len(files):,} {'file' if len(files) == 1 else 'files'} of answers"
    return Projects(source, reader.projects, dict(reader.lost_in_old), dict(reader.lost_in_new))


def _files(path: Path) -> Sequence[Path]:
    """Give the answers files at a path; in a folder, what has a second ending is something else."""
    if not is_folder(path):
        return [path]
    found = [one for one in sorted(path.rglob("*")) if one.suffix in _ENDINGS and "." not in one.stem and one.is_file()]
    if not found:
        right = f"answers files end in {', '.join(f'`{ending}`' for ending in _ENDINGS)}"
        raise ProblemError(Problem("RE-280", "there are no answers files in this folder", right, Source(str(path))))
    return found


class _Reader:
    def __init__(self, old: Pack, new: Pack, names: Names) -> None:
        self._old, self._new, self._names = old, new, names
        self.projects: list[Project] = []
        self.problems: list[Problem] = []
        self.lost_in_old: Counter[str] = Counter()
        self.lost_in_new: Counter[str] = Counter()

    def read(self, path: Path) -> None:
        try:
            before, unfit_in_old = answers_that_fit(path, self._old)
            after, unfit_in_new = answers_that_fit(path, self._new)
        except ProblemError as error:
            self.problems += error.problems
            return
        # what neither can read is a mistake; what one of them can't read was meant for the other
        self.problems += [one for question, one in unfit_in_new.items() if question in unfit_in_old]
        self.projects.append(Project(after.project or path.name, before.values, after.values))
        carried = {self._names.question(question) for question in before.values}
        self.lost_in_old.update(question for question in after.values if question not in carried)
        self.lost_in_new.update(one for one in before.values if self._names.question(one) not in after.values)
