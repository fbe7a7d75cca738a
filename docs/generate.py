"""Write the pages of the documentation that are made from the code: `python docs/generate.py`.

With `--check` nothing is written; the exit code is 1 if a page is not what it would be made into.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from riskengine.assessment import result
from riskengine.errors import CATALOGUE, Entry
from riskengine.pack.json_schemas import FILE_KINDS, FOLDER, schema_name, schemas_of, written
from riskengine.pack.locate import shipped
from riskengine.pack.read import read_pack
from riskengine.portfolio import summary

DOCS = Path(__file__).resolve().parent

RANGES = {
    "RE-1": "Reading a pack",
    "RE-2": "What a pack means",
    "RE-3": "Answers",
    "RE-4": "Tables",
    "RE-5": "The history",
    "RE-6": "Models, and what they learn from",
    "RE-7": "Forms and the service",
    "RE-8": "Usage",
    "RE-9": "Our own bugs",
}


def errors_page() -> str:
    """Make `errors.md` from the catalogue of codes."""
    return "\n".join(_errors()) + "\n"


def _errors() -> Iterator[str]:
    yield "# Error codes"
    yield ""
    yield "<!-- made from riskengine/errors/catalogue.py by `python docs/generate.py`; change it there -->"
    yield ""
    yield "A problem is printed with its place (file, line and column; or row and column of a table), its code, what is"
    yield "wrong, and what would be right. All problems of an input are reported at once. A code is never given another"
    yield "meaning. An *error* stops the work, and nothing is written; a *warning* does not, and neither does a *note*,"
    yield "behind which there may be nothing wrong."
    for start, title in RANGES.items():
        entries = {code: entry for code, entry in CATALOGUE.items() if code.startswith(start)}
        if entries:
            yield ""
            yield f"## {title}"
        for code, entry in entries.items():
            yield from _entry(code, entry)


def _entry(code: str, entry: Entry) -> Iterator[str]:
    yield ""
    yield f"### {code}: {entry.title}"
    yield f"*{entry.severity}*"
    yield ""
    yield entry.explanation
    for label, example in (("Faulty", entry.faulty), ("Corrected", entry.corrected)):
        yield ""
        yield f"{label}:"
        yield "```text"
        yield example
        yield "```"


def assessment_schema() -> str:
    """Make the JSON Schema that ships, of what `riskengine assess --json` prints."""
    return _as_text(result.json_schema())


def summary_schema() -> str:
    """Make the JSON Schema that ships, of what `riskengine score --json` prints."""
    return _as_text(summary.json_schema())


def _as_text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@cache
def _shipped_schemas() -> Mapping[str, str]:
    return {kind: written(made) for kind, made in schemas_of(read_pack(shipped("rules"))).items()}


def _pack_schema(kind: str) -> str:
    """Make one of the JSON Schemas that stand beside the shipped pack."""
    return _shipped_schemas()[kind]


def evaluation_schema() -> str:
    """Make the JSON Schema that ships, of what `riskengine model evaluate --json` prints."""
    from riskengine.calibration.evaluation.data import json_schema as schema

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def drift_schema() -> str:
    """Make the JSON Schema that ships, of what `riskengine model check --json` prints."""
    from riskengine.calibration.drift.data import json_schema as schema

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def model_card() -> str:
    """Make the card of the shipped model."""
    from riskengine.assessment.build import load_pack
    from riskengine.calibration.model_card import markdown

    built = load_pack()
    made = "<!-- made from data/model.json by `python docs/generate.py`; change it there -->"
    title, _, rest = markdown(built.model or built.prior, built).partition("\n")
    return f"{title}\n\n{made}\n{rest}"


PAGES: Mapping[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "../riskengine/assessment/assessment.schema.json": assessment_schema,
    "../riskengine/calibration/evaluation/evaluation.schema.json": evaluation_schema,
    "../riskengine/calibration/drift/drift.schema.json": drift_schema,
    "model-card.md": model_card,
    "../riskengine/portfolio/summary.schema.json": summary_schema,
    **{f"../rules/{FOLDER}/{schema_name(kind)}": partial(_pack_schema, kind) for kind in (*FILE_KINDS, "answers")},
}


def stale() -> list[str]:
    """Give the pages that are not what they would be made into."""
    found = []
    for name, make in PAGES.items():
        path = DOCS / name
        if not path.is_file() or path.read_text("utf-8") != make():
            found.append(name)
    return found


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; give the exit code."""
    if arguments not in ([], ["--check"]):
        print("usage: python docs/generate.py [--check]", file=sys.stderr)
        return 2
    names = stale()
    for name in names:
        if not arguments:
            (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
            (DOCS / name).write_text(PAGES[name](), encoding="utf-8", newline="\n")
        print(f"{name}: {'stale' if arguments else 'written'}")
    return 1 if arguments and names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
