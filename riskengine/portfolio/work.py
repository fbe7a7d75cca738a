"""The work folder of a run: what is done so far, chunk by chunk, so that a run that was killed can go on.

Beside the output `scored.csv` stands `.scored.csv.work` while a run lasts. Each stream of bytes (the output, the
rejects) is a file that chunks are added to; the manifest has a line for each chunk, with the length of what it added
to each stream, and its checksum. What the manifest does not vouch for is cut off when a run goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from riskengine.errors import Problem, ProblemError, Source
from riskengine.portfolio.reading.table import START, Mark

__all__ = ["Step", "Work", "unwritable"]

BLOCK = 1 << 20
MANIFEST = "manifest.jsonl"
LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Step:
    """A chunk that is done.

    Attributes:
        table: Which of the tables it is of.
        end: Where the next chunk of that table begins.
        scored: Rows in the output.
        rejected: Rows in the rejects.
        parts: Length and checksum of what was added to each stream.
    """

    table: int
    end: Mark
    scored: int
    rejected: int
    parts: Mapping[str, Sequence[int]] = field(default_factory=dict)


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """Turn what the system says of a file that can't be written into a problem.

    Raises:
        ProblemError: RE-801.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        help = "name a file in a folder that is there, that you may write to, and that has room for it"
        message = f"the output cannot be written: {reason}"
        raise ProblemError(Problem("RE-801", message, help, Source(str(path)))) from None


class Work:
    """The work folder of a run.

    Attributes:
        steps: The chunks that are done, in order.
        finished: Whether all of them are, and the run was stopped while it put the results where they belong.
    """

    def __init__(self, output: Path, run: Mapping[str, Any], *, resume: bool) -> None:
        """Open the folder: what is there is gone on with, or cleared away.

        Args:
            output: The output of the run.
            run: All that the output's bytes depend on.
            resume: Whether to go on.

        Raises:
            ProblemError: RE-801 if the folder can't be written, RE-806 if what is there was left by another run,
                RE-807 if another run is at work.
        """
        self.steps: list[Step] = []
        self.finished = False
        self._output = output
        self._folder = output.parent / f".{output.name}.work"
        self._streams: dict[str, IO[bytes]] = {}
        with unwritable(output):
            self._lock = self._taken_lock()
            if not (resume and self._resumed(run)):
                self._begin(run)

    @property
    def table(self) -> int:
        """The table that the last chunk was of."""
        return self.steps[-1].table if self.steps else 0

    @property
    def mark(self) -> Mark:
        """Where the next chunk of that table begins."""
        return self.steps[-1].end if self.steps else START

    def path(self, stream: str) -> Path:
        """Give the file of a stream."""
        return self._folder / stream

    def lengths(self, stream: str) -> list[int]:
        """Give the length of what each chunk added to a stream."""
        return [step.parts[stream][0] for step in self.steps]

    def add(self, step: Step, parts: Mapping[str, bytes]) -> None:
        """Write what a chunk adds to each stream, and then that it is done.

        Args:
            step: The chunk, without its parts.
            parts: Bytes by stream, the same streams for each chunk.

        Raises:
            ProblemError: RE-801.
        """
        with unwritable(self._output):
            for stream, content in parts.items():
                self._write(stream, content)
            done = replace(step, parts={name: (len(content), zlib.crc32(content)) for name, content in parts.items()})
            self._write(MANIFEST, _line({"step": asdict(done)}))
        self.steps.append(done)

    def end(self, stream: str, content: bytes) -> None:
        """Write what ends a stream; it is made again if the run is killed before it has finished.

        Raises:
            ProblemError: RE-801.
        """
        with unwritable(self._output):
            self._write(stream, content)

    def finish(self, moves: Mapping[str, Path], stale: Sequence[Path]) -> None:
        """Put the results where they belong, and clear the folder away.

        Args:
            moves: Where each file of the folder goes.
            stale: Files of an earlier run that this one has nothing in place of.

        Raises:
            ProblemError: RE-801.
        """
        with unwritable(self._output):
            self._close()
            if not self.finished:
                for name in moves:
                    _sync(self.path(name))
                self._write(MANIFEST, _line({"finished": True}))
                self._close()
            for path in stale:
                path.unlink(missing_ok=True)
            for name, path in moves.items():
                # one that is not here any more was put there before the run was stopped
                if self.path(name).exists():
                    self.path(name).replace(path)
            _sync(self._output.parent)
        self.discard()

    def discard(self) -> None:
        """Clear the folder away."""
        self._close()
        # first of all: without it the rest means nothing to a run that goes on
        self.path(MANIFEST).unlink(missing_ok=True)
        if sys.platform == "win32":
            # an open file cannot be removed there
            self._lock.close()
        # elsewhere the lock is held until all is gone, lest another run begin in the folder meanwhile
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.close()

    def leave(self) -> None:
        """Leave the folder to a run that goes on."""
        self._close()
        self._lock.close()

    # --- what is there ------------------------------------------------------------------------------------

    def _begin(self, run: Mapping[str, Any]) -> None:
        for path in self._folder.iterdir():
            if path.name != LOCK:
                path.unlink()
        self._write(MANIFEST, _line({"run": run}))

    def _resumed(self, run: Mapping[str, Any]) -> bool:
        """Take over what an earlier run left, if it left anything."""
        lines = self._lines()
        head = next(lines, None)
        if head is None:
            return False
        if head.get("run") != json.loads(json.dumps(run)):
            self._lock.close()
            differing = ", ".join(name for name in run if json.dumps(run[name]) != json.dumps(head["run"].get(name)))
            message = f"the run that stopped was another one: it differs in {differing}"
            help = "give the same command again with `--resume`, or leave `--resume` out to begin anew"
            raise ProblemError(Problem("RE-806", message, help, Source(str(self._output))))
        steps = []
        for line in lines:
            self.finished = self.finished or "finished" in line
            if "step" in line:
                steps.append(_step(line["step"]))
        self.steps = steps if self.finished else self._vouched(steps)
        if not self.finished:
            self._cut(run)
        return True

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Give the whole lines of the manifest."""
        path = self.path(MANIFEST)
        content = path.read_bytes() if path.exists() else b""
        for line in content.split(b"\n")[:-1]:
            try:
                yield json.loads(line)
            except ValueError:
                return

    def _vouched(self, steps: Sequence[Step]) -> list[Step]:
        """Give the steps whose parts are there as the manifest has them."""
        streams = {name: (self.path(name)) for step in steps for name in step.parts}
        kept = len(steps)
        for name, path in streams.items():
            if not path.exists():
                return []
            with path.open("rb") as file:
                sound = (_checksum(file, length) == checksum for length, checksum in (one.parts[name] for one in steps))
                kept = min(kept, next((place for place, good in enumerate(sound) if not good), kept))
        return list(steps[:kept])

    def _cut(self, run: Mapping[str, Any]) -> None:
        """Cut off what no step vouches for."""
        for path in self._folder.iterdir():
            if path.name != LOCK:
                known = self.steps and path.name in self.steps[0].parts
                os.truncate(path, sum(self.lengths(path.name)) if known else 0)
        self._write(MANIFEST, _line({"run": run}))
        for step in self.steps:
            self._write(MANIFEST, _line({"step": asdict(step)}))

    def _taken_lock(self) -> IO[str]:
        path = self._folder / LOCK
        while True:
            self._folder.mkdir(exist_ok=True)
            file = path.open("a")
            try:
                _lock(file)
            except OSError:
                file.close()
                help = "wait until it is done, or name another output"
                message = "another run is writing this output"
                raise ProblemError(Problem("RE-807", message, help, Source(str(self._output)))) from None
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
            # a run that ended just now has cleared the folder away with the lock in it
            file.close()

    # --- files --------------------------------------------------------------------------------------------

    def _write(self, name: str, content: bytes) -> None:
        if name not in self._streams:
            self._streams[name] = self.path(name).open("ab", buffering=0)
        left = memoryview(content)
        while left:
            left = left[self._streams[name].write(left) :]

    def _close(self) -> None:
        for file in self._streams.values():
            file.close()
        self._streams.clear()


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _step(form: Mapping[str, Any]) -> Step:
    return Step(**{**form, "end": Mark(**form["end"])})


def _checksum(file: IO[bytes], length: int) -> int | None:
    """Give the checksum of the next bytes; `None` if there are fewer."""
    found = 0
    while length:
        block = file.read(min(BLOCK, length))
        if not block:
            return None
        found = zlib.crc32(block, found)
        length -= len(block)
    return found


def _sync(path: Path) -> None:
    """Have the system write down what it holds of a file, or of a folder where it knows such a thing."""
    if sys.platform == "win32" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(file: IO[str]) -> None:
    """Lock a file for as long as the process lives, or raise an `OSError`."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
