"""Breaks a copy of the code in eight named ways; the suite must fail on each.

    python tests/breakages.py [NAME ...]

Of the suite, the tests run that a breakage of its kind is most likely to meet, until the first failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("riskengine", "rules", "data", "tests", "docs", "pyproject.toml", "README.md")


@dataclass(frozen=True)
class Breakage:
    """One change of the code that would be a serious bug.

    Attributes:
        name: What is broken.
        file: Where.
        old: The code as it is; it stands there once.
        new: The code as it is broken.
        tests: The tests that run.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


BREAKAGES = (
    Breakage(
        "a rail swapped",
        "riskengine/logic/rails.py",
        "self._clauses.append(Clause(literal ^ 1, (other ^ 1,)))",
        "self._clauses.append(Clause(literal ^ 1, (other,)))",
        ("tests/engines/test_forward.py",),
    ),
    Breakage(
        "a weight's sign",
        "riskengine/assessment/score.py",
        "weight, c = centre.scale * rule.weight, centre.expected[rule.id]",
        "weight, c = centre.scale * abs(rule.weight), centre.expected[rule.id]",
        ("tests/docs", "tests/assessment/test_properties.py"),
    ),
    Breakage(
        "a group",
        "riskengine/assessment/score.py",
        "            left *= 1 - share\n",
        "            left *= 1\n",
        ("tests/docs", "tests/assessment/test_properties.py"),
    ),
    Breakage(
        "a gate",
        "riskengine/logic/rails.py",
        "return self._all((*self._gate(test.about), self._tests[test]))",
        "return self._tests[test]",
        ("tests/engines/test_forward.py",),
    ),
    Breakage(
        "n/a",
        "riskengine/logic/conditions.py",
        "    if isinstance(value, NotApplicable):\n        return False\n",
        '    if isinstance(value, NotApplicable):\n        return test.op == "is_not"\n',
        ("tests/engines/test_forward.py",),
    ),
    Breakage(
        "centring",
        "riskengine/assessment/score.py",
        "        learned[rule.id] = weight * (y[rule.id] - c)\n",
        "        learned[rule.id] = weight * y[rule.id]\n",
        ("tests/docs", "tests/assessment/test_properties.py"),
    ),
    Breakage(
        "an end",
        "riskengine/assessment/ends.py",
        "contributions[rule.id] / len(rule.leads_to)",
        "contributions[rule.id]",
        ("tests/docs",),
    ),
    Breakage(
        "a range",
        "riskengine/assessment/score.py",
        "else float(rule.weight < 0)",
        "else float(rule.weight > 0)",
        ("tests/docs", "tests/assessment/test_properties.py"),
    ),
)


def suite_fails(breakage: Breakage, folder: Path) -> bool:
    """Apply a breakage to a fresh copy and say whether the tests notice it."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    broken = folder / breakage.file
    text = broken.read_text()
    if text.count(breakage.old) != 1:
        sys.exit(f"{breakage.name}: the code to break stands {text.count(breakage.old)} times in {breakage.file}")
    broken.write_text(text.replace(breakage.old, breakage.new))
    # the copy comes first on the path, before the installed package
    environment = {**os.environ, "PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "--no-header", "-p", "no:cacheprovider", *breakage.tests],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 means that tests failed; 2 to 5 that they did not run
    if done.returncode not in (0, 1):
        sys.exit(f"{breakage.name}: the tests did not run\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1


def main() -> None:
    """Apply the breakages and print which the suite noticed."""
    wanted = sys.argv[1:]
    missed = []
    for breakage in BREAKAGES:
        if wanted and breakage.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            noticed = suite_fails(breakage, Path(folder))
        print(f"{breakage.name}: {'noticed' if noticed else 'NOT NOTICED'}", flush=True)
        if not noticed:
            missed.append(breakage.name)
    if missed:
        sys.exit(f"the suite did not notice: {', '.join(missed)}")


if __name__ == "__main__":
    main()
