"""A run of `riskengine score` in small chunks, in a process of its own that can be made to die at any write.

python -m tests.portfolio.killed CHUNK_ROWS DIES_AT ARGUMENTS...

`DIES_AT` counts the writes into the work folder and the changes of files there; at that one, half of it is done and the
process kills itself as SIGKILL would. 0 is never.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from riskengine.cli import main
from riskengine.portfolio.reading import csv_table, parquet_table
from riskengine.portfolio.work import Work

_CHANGES = {"os.rename", "os.remove", "os.truncate", "os.rmdir", "shutil.rmtree"}


def run(chunk_rows: int, dies_at: int, arguments: list[str]) -> None:
    """Run the command."""
    csv_table.CHUNK_ROWS = parquet_table.CHUNK_ROWS = chunk_rows
    left = dies_at
    write = Work._write

    def counted(self: Work, name: str, content: bytes) -> None:
        if is_last():
            write(self, name, content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, name, content)

    def is_last() -> bool:
        nonlocal left
        left -= 1
        return left == 0

    def hook(event: str, _: Any) -> None:
        if event in _CHANGES and is_last():
            os.kill(os.getpid(), signal.SIGKILL)

    Work._write = counted  # type: ignore[method-assign]
    sys.addaudithook(hook)
    main(arguments)


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
