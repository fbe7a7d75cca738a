"""Writes into a history in a process of its own, and says so after each record: python -m tests.history.writer ...

python -m tests.history.writer LOCATION NAME COUNT

`COUNT` assessments of projects called NAME and a number, each with its outcome; 0 is until the process is killed. Each
line that is printed names a project that the history has acknowledged.
"""

from __future__ import annotations

import itertools
import sys

from riskengine.history.history import History
from tests.history.projects import assessment


def write(location: str, name: str, count: int) -> None:
    """Write."""
    print("ready", flush=True)
    sys.stdin.readline()
    with History.open(location) as history:
        for number in range(count) if count else itertools.count():
            project = f"{name} {number}"
            history.add(assessment(project=project))
            history.outcome(project, "failed", on="2025-03-01", note="x" * 2000)
            # all write into one project too
            history.add(assessment(project="Shared").model_copy(update={"notes": {"stage": project}}))
            print(project, flush=True)


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]))
