"""Prints how long `riskengine rules check` takes, in seconds and as a multiple of `riskengine --version`.

python benchmarks/check.py [PACK]

PACK takes the place of the shipped pack. The random pack is the worst case: its rules mean nothing and contradict one
another everywhere, so that most decisions are hard. The other large one is the first pack several times over, each
time with questions and rules of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(sys.executable).with_name("riskengine")
RULES = 1_000

sys.path.insert(0, str(ROOT / "tests"))

from random_packs import Shape, random_pack  # noqa: E402

from riskengine.pack.json_form import digest, pack_to_json  # noqa: E402
from riskengine.pack.locate import shipped  # noqa: E402
from riskengine.pack.model import Pack  # noqa: E402
from riskengine.pack.read import read_pack  # noqa: E402


def seconds(*arguments: object, runs: int = 1) -> float:
    """Give the median wall time of a command, as a whole process."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        command = [str(SCRIPT), *map(str, arguments)]
        subprocess.run(command, capture_output=True, env={**os.environ, "COLUMNS": "80"}, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def multiplied(pack: Pack, times: int) -> dict[str, Any]:
    """Give the one-file form of a pack that is another one several times over, with new ids each time."""
    form = pack_to_json(pack)
    for key in ("questions", "quantities", "rules"):
        form[key] = [marked(one, str(copy)) for copy in range(times) for one in form.get(key, [])]
    return {**form, "hash": digest(form)}


def marked(entry: dict[str, Any], mark: str) -> dict[str, Any]:
    """Give a question, quantity or rule whose names all end in a mark."""
    made = {
        key: _marked(value, mark) if key in ("ask_when", "due_when", "when") else value for key, value in entry.items()
    }
    for key in ("id", "concludes", "group"):
        if key in made:
            made[key] += f"-{mark}" if "when" in entry and key != "concludes" else f"_{mark}"
    made.pop("renamed_from", None)
    if "of" in entry:
        made["of"] = [f"{one}_{mark}" if isinstance(one, str) else one for one in entry["of"]]
    if "examples" in entry:
        made["examples"] = [
            {**one, "answers": {f"{name}_{mark}": value for name, value in one["answers"].items()}}
            for one in entry["examples"]
        ]
    return made


def _marked(condition: Any, mark: str) -> Any:
    if isinstance(condition, list):
        return [_marked(part, mark) for part in condition]
    if not isinstance(condition, dict):
        return condition
    return {
        key: f"{value}_{mark}" if key in ("question", "quantity", "conclusion") else _marked(value, mark)
        for key, value in condition.items()
    }


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    folder = Path(arguments[0]) if arguments else shipped("rules")
    unit = seconds("--version", runs=5)
    print(f"--version: {unit:.2f} s")

    def report(name: str, path: Path, limit: int, runs: int = 1) -> None:
        wall = seconds("rules", "check", path, runs=runs)
        rules = len(read_pack(path).rules)
        print(f"{name}, {rules} rules: {wall:.1f} s, {wall / unit:.0f} times --version (under {limit} s)", flush=True)

    report("shipped pack", folder, 3, runs=3)
    with tempfile.TemporaryDirectory() as temporary:
        pack = read_pack(folder)
        times = -(-RULES // len(pack.rules))
        large = Path(temporary) / "large.json"
        large.write_text(json.dumps(multiplied(pack, times)), "utf-8")
        report(f"shipped pack {times} times over", large, 60)
        shape = Shape(questions=80, conclusions=140, rules=RULES - 240, wide=4, below=None)
        random_pack(1, Path(temporary) / "random", shape)
        report("random pack", next((Path(temporary) / "random").iterdir()), 60)


if __name__ == "__main__":
    main(sys.argv[1:])
