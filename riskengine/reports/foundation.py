"""What the numbers of a report rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.assessment.reference import SAMPLE_SIZE

__all__ = ["Foundation", "foundation_of"]


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the numbers of a report rest on.

    Attributes:
        pack: Name and version of the pack.
        pack_hash: Its hash.
        failure: What counts as a failure.
        base_rate: The base rate in use.
        base_range: The range that the pack gives its own.
        is_own_base_rate: Whether the reader gave it.
        base_sources: What the pack's base rate is taken from.
        model: The name of the model.
        model_hash: Its hash.
        trained_on: What it is trained on; `None` for the rules' prior.
        counted_as: By how many projects the published counts were let weigh.
        moderation: What log-odds are multiplied by.
        weighed: How many rules have a weight.
        measured: How many of these take it from a measured effect.
        sample: Synthetic projects that the scale of the weights is solved on.
        software: Name and version of what wrote the report.
    """

    pack: str
    pack_hash: str
    failure: str
    base_rate: float
    base_range: tuple[float, float] | None
    is_own_base_rate: bool
    base_sources: Sequence[str]
    model: str
    model_hash: str
    trained_on: Mapping[str, Any] | None
    counted_as: float
    moderation: float
    weighed: int
    measured: int
    sample: int
    software: str


def foundation_of(built: BuiltPack, model: Model, base_rate: float | None) -> Foundation:
    """Say what numbers rest on.

    Args:
        built: The pack.
        model: The model.
        base_rate: The reader's own base rate.
    """
    from riskengine import __version__

    pack = built.pack
    base, sources = pack.base_rate, dict(pack.sources)
    return Foundation(
        pack=f"{pack.name} {pack.version}",
        pack_hash=built.hash,
        failure=base.failure,
        base_rate=base.value if base_rate is None else base_rate,
        base_range=None if base.low is None or base.high is None else (base.low, base.high),
        is_own_base_rate=base_rate is not None,
        base_sources=[sources.get(key, key) for key in base.source],
        model=model.name,
        model_hash=model.hash,
        trained_on=model.trained_on,
        counted_as=sum(study["counted_as"] for study in model.card.get("studies", ())),
        moderation=model.moderation,
        weighed=len(pack.weighed_rules),
        measured=sum(rule.basis == "effect" for rule in pack.weighed_rules),
        sample=SAMPLE_SIZE,
        software=f"riskengine {__version__}",
    )
