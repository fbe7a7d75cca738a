"""What is true of `docs/worked-example.md`; run as a script it writes the page's numbers anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marked_numbers import mended
from plain_sum import Example, read, reference

from riskengine.assessment.build import BuiltPack, load_pack
from riskengine.assessment.reference import draw
from riskengine.logic.conditions import NotApplicable
from riskengine.pack.model import Pack

__all__ = ["ANSWERS", "FOLDER", "PAGE", "answers_on_file", "drawn", "plain", "reference_values", "values"]

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "worked-example.md"
FOLDER = DOCS / "worked-example"
ANSWERS = DOCS / "worked-example-answers.yaml"


def answers_on_file() -> dict[str, str]:
    """Give the project's answers as text."""
    return dict(read(ANSWERS)["answers"])


def drawn(pack: Pack) -> Iterator[Mapping[str, Any]]:
    """Give the reference sample as plain values."""
    for project in draw(pack):
        yield {name: "n/a" if isinstance(value, NotApplicable) else value for name, value in project.items()}


def plain(built: BuiltPack, **changed: str) -> dict[str, Any]:
    """Compute the page's numbers plainly, from what the built pack says of the reference sample."""
    example = Example(FOLDER, {**answers_on_file(), **changed})
    return example.numbers(built.centre.expected, built.centre.scale, built.prior.base, built.prior.moderation)


def reference_values(built: BuiltPack) -> dict[str, Any]:
    """Compute plainly what the reference sample decides."""
    return reference(FOLDER, drawn(built.pack))


def values(built: BuiltPack) -> dict[str, Any]:
    """Give every value that the page may name."""
    of_sample = reference_values(built)
    owner = next(one for one in Example(FOLDER, {}).questions if one["id"] == "owner")
    return {
        **plain(built),
        **{name: of_sample[name] for name in ("size", "raw_spread", "mean_v")},
        "one": 1.0,
        "zero": 0.0,
        "z": 1.645,
        "share_no": float(owner["shares"]["no"]),
        "p_monthly": plain(built, users_met="monthly")["p"],
        "p_once": plain(built, users_met="once")["p"],
    }


if __name__ == "__main__":
    PAGE.write_text(mended(PAGE.read_text("utf-8"), values(load_pack(FOLDER))), "utf-8")
