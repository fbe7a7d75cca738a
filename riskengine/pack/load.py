"""A folder of YAML in, a checked `Pack` out, or all problems of all files at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from riskengine.errors import Problem, ProblemError, shorten
from riskengine.pack import schema
from riskengine.pack.checks import check_pack
from riskengine.pack.files import File, read_files
from riskengine.pack.model import BaseRate, End, Pack, RiskLevel
from riskengine.pack.nodes import MappingNode, ScalarNode, locate
from riskengine.pack.questions import read_topics
from riskengine.pack.reading import Reading
from riskengine.pack.rules import read_rules

__all__ = ["load_folder"]

_REQUIRED = ("base_rate", "spread", "coherence", "ends", "risk_levels", "areas", "phases", "licence")


def load_folder(folder: Path, base: Callable[[str, Path], Pack], *, states: bool = True) -> Pack:
    """Load a pack.

    Args:
        folder: The folder that holds `pack.yaml`.
        base: Gives the pack that `extends` names, by the name as written and the folder it is relative to.
        states: Whether an example that contradicts its rule is a problem.

    Returns:
        The pack, every name in it resolved.

    Raises:
        ProblemError: with every problem of every file.
    """
    reading = Reading()
    head, others = read_files(folder, reading.doubts, reading.problems)
    # where `pack.yaml` can't be read, the other files are read all the same, for what is wrong in them
    model = head.model if head is not None else schema.PackFile(name="unnamed", version="0")
    assert isinstance(model, schema.PackFile)
    if head is not None:
        reading.head = head.node
        reading.label = f"{model.name} {model.version}"
        _extend(head, model, lambda name: base(name, folder), reading)
    pack = _assemble(head, model, others, reading)
    reading.problems += check_pack(pack, reading.doubts, reading.place, states=states)
    if reading.problems:
        raise ProblemError(sorted(dict.fromkeys(reading.problems), key=_position))
    return pack


def _extend(head: File, model: schema.PackFile, base: Callable[[str], Pack], reading: Reading) -> None:
    if "extends" in head.wrong:
        reading.doubts.unread = True
    if model.extends is None:
        return
    try:
        reading.extended = base(model.extends)
    except ProblemError as error:
        message = f"the pack that this one extends, `{shorten(model.extends)}`, cannot be loaded"
        right = "`riskengine`, or the path of a pack from here"
        reading.wrong("RE-106", message, right, head.node, "extends")
        raise ProblemError([*reading.problems, *error.problems]) from None


def _assemble(head: File | None, model: schema.PackFile, others: Sequence[File], reading: Reading) -> Pack:
    extended = reading.extended or _NOTHING
    if head is not None:
        _check_head(head, model, reading)
    areas = dict(extended.areas) | dict(model.areas or {})
    topics = read_topics(others, reading)
    rules, ruled_out = read_rules(others, topics.about, tuple(areas), reading)
    return Pack(
        name=model.name,
        version=model.version,
        licence=model.licence or extended.licence,
        base_rate=_base_rate(model.base_rate) or extended.base_rate,
        spread=model.spread.value if model.spread else extended.spread,
        spread_source=tuple(model.spread.source) if model.spread else extended.spread_source,
        coherence=model.coherence.value if model.coherence else extended.coherence,
        coherence_source=tuple(model.coherence.source) if model.coherence else extended.coherence_source,
        ends=_ends(model.ends) if reading.extended is None else extended.ends,
        risk_levels=_risk_levels(model.risk_levels) or extended.risk_levels,
        areas=tuple(areas.items()),
        phases=tuple(model.phases or ()) if reading.extended is None else extended.phases,
        questions=topics.questions,
        quantities=topics.quantities,
        rules=rules,
        sources=tuple(_sources(others, reading).items()),
        ruled_out=ruled_out,
    )


def _check_head(head: File, model: schema.PackFile, reading: Reading) -> None:
    extended = reading.extended
    if extended is None:
        missing = [name for name in _REQUIRED if getattr(model, name) is None and name not in head.wrong]
        if missing and not reading.doubts.unread:
            message = f"`pack.yaml` lacks {', '.join(f'`{name}`' for name in missing)}"
            reading.wrong("RE-104", message, "needed unless the pack `extends` another", head.node)
        return
    redefined: list[tuple[str, ...]] = [("ends",), ("phases",)]
    redefined += [("areas", area) for area, _ in extended.areas if area in (model.areas or {})]
    for path in redefined:
        _refuse(head.node, path, reading)


def _refuse(node: MappingNode, path: tuple[str, ...], reading: Reading) -> None:
    """Note that something is redefined, if it is there."""
    key = _key_at(node, path)
    if key is not None:
        message = f"`{key.text}` is defined by the pack that this one extends"
        reading.at("RE-216", message, "leave it out", key.source, key.text)


def _key_at(node: MappingNode, path: Sequence[str]) -> ScalarNode | None:
    _, key, complete = locate(node, path)
    return key if complete else None


def _sources(files: Iterable[File], reading: Reading) -> Mapping[str, str]:
    inherited = dict(reading.extended.sources) if reading.extended else {}
    found: dict[str, str] = {}
    for file in files:
        for model, node in file.read("sources", schema.SourcesFile):
            for name, source in model.sources.items():
                if name in inherited:
                    _refuse(node, (name,), reading)
                elif name in found:
                    key = _key_at(node, (name,))
                    assert key is not None
                    message = f"source `{name}` stands twice"
                    reading.at("RE-206", message, "choose another key", key.source, name)
                found.setdefault(name, source.cite)
    return inherited | found


def _base_rate(model: schema.BaseRateModel | None) -> BaseRate | None:
    if model is None:
        return None
    return BaseRate(model.value, model.low, model.high, tuple(model.source), model.failure)


def _ends(models: Mapping[str, schema.EndModel] | None) -> tuple[End, ...]:
    return tuple(End(name, end.share, end.title, end.means) for name, end in (models or {}).items())


def _risk_levels(models: Mapping[str, schema.RiskLevelModel] | None) -> tuple[RiskLevel, ...]:
    return tuple(RiskLevel(name, level.start, level.title) for name, level in (models or {}).items())


def _position(problem: Problem) -> tuple[str, int, int]:
    return problem.source.file or "", problem.source.line or 0, problem.source.column or 0


# what a pack that extends none starts from; what it then lacks is a problem
_NOTHING = Pack(
    name="",
    version="",
    licence="",
    base_rate=BaseRate(0.5, None, None, (), ""),
    spread=1.0,
    spread_source=(),
    coherence=0.0,
    coherence_source=(),
    ends=(),
    risk_levels=(),
    areas=(),
    phases=(),
    questions=(),
    quantities=(),
    rules=(),
    sources=(),
)
