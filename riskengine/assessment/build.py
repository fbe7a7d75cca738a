"""A pack made ready for assessments: its scale, its expected shares, its prior, and the model that fits it."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from riskengine.assessment.model_file import (
    QUANTILES,
    Model,
    ModelRange,
    model_from_json,
    model_to_json,
    read_model,
    rounded,
    solve_base,
    terms_of,
)
from riskengine.assessment.reference import draw
from riskengine.assessment.score import Centre, counted, logit
from riskengine.engines.forward import BUILT_IN
from riskengine.errors import Problem, ProblemError, Source
from riskengine.logic.conditions import Value
from riskengine.pack.json_form import digest, finite, meaning, pack_from_json, pack_to_json
from riskengine.pack.locate import shipped
from riskengine.pack.model import Pack
from riskengine.pack.read import content_digest, is_folder, read_form, read_pack

__all__ = [
    "PRIOR_SDS",
    "WIDE_SDS",
    "BuiltPack",
    "Sample",
    "Sds",
    "build",
    "built_from",
    "built_to_json",
    "check_outputs",
    "exact_contributions",
    "intercept_sd",
    "load_pack",
    "prior_variances",
    "quantiles",
    "sample",
    "standard_deviation",
    "with_model",
    "write_atomically",
    "write_output",
]


@dataclass(frozen=True, slots=True)
class Sds:
    """Prior standard deviations of the model's four levels: how far it may depart from the rules.

    Attributes:
        intercept: Of the base, in log-odds.
        slope: Of the one factor on all findings.
        area: Of the factor of each area.
        finding: Of the factor of each group of findings.
    """

    intercept: float
    slope: float
    area: float
    finding: float


PRIOR_SDS = Sds(0.5, 0.3, 0.25, 0.5)
WIDE_SDS = Sds(0.7, 0.4, 0.3, 0.8)


@dataclass(frozen=True, slots=True)
class Sample:
    """The reference sample with its findings.

    Attributes:
        projects: Answers of each project.
        counts: For each project, by how much each weighed rule counts (0 or 1).
    """

    projects: tuple[Mapping[str, Value], ...]
    counts: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, eq=False)
class BuiltPack:
    """A pack, ready.

    Attributes:
        pack: The pack.
        centre: Scale and expected shares.
        prior: The rules' prior: what holds without history.
        model: The trained model that belongs to this pack, if there is one.
        hash: Of the one-file JSON.
        meaning_hash: Of what can change a finding or a number.
    """

    pack: Pack
    centre: Centre
    prior: Model
    model: Model | None
    hash: str
    meaning_hash: str

    def using(self, model: Model | None) -> BuiltPack:
        """Give the same pack with another model of it; the rules' prior alone for `None`."""
        return replace(self, model=model)


def sample(pack: Pack) -> Sample:
    """Draw the reference sample and run it through the built-in closure."""
    projects = tuple(draw(pack))
    counts = tuple(
        counted(pack, {}, {rule: float(bool(state)) for rule, state in BUILT_IN.findings(pack, one).rules.items()})
        for one in projects
    )
    return Sample(projects, counts)


def build(pack: Pack, model: Model | None = None) -> BuiltPack:
    """Solve everything about a pack that its reference sample decides.

    Args:
        pack: The pack.
        model: A trained model, used if it belongs to the pack.
    """
    drawn = sample(pack)
    size = len(drawn.counts)
    expected = {rule.id: math.fsum(counts[rule.id] for counts in drawn.counts) / size for rule in pack.weighed_rules}
    # weights say how risks compare; the one scale is such that the sample's log-odds have the pack's spread
    raw = [_log_odds(pack, Centre(1.0, expected), counts) for counts in drawn.counts]
    spread = standard_deviation(raw)
    centre = Centre(rounded(pack.spread / spread) if spread > 0 else 1.0, expected)
    form = _form(pack, centre)
    prior = _prior(pack, centre, drawn, form["meaning_hash"])
    fits = model is not None and model.pack.get("meaning_hash") == form["meaning_hash"]
    return BuiltPack(pack, centre, prior, model if fits else None, digest(form), form["meaning_hash"])


def _log_odds(pack: Pack, centre: Centre, counts: Mapping[str, float]) -> float:
    return math.fsum(exact_contributions(pack, centre, counts).values())


def exact_contributions(pack: Pack, centre: Centre, counts: Mapping[str, float]) -> dict[str, float]:
    """Give what each weighed rule contributes to a project of the reference sample, without learned factors."""
    return {
        rule.id: centre.scale * (rule.weight or 0.0) * (counts[rule.id] - centre.expected[rule.id])
        for rule in pack.weighed_rules
    }


def standard_deviation(values: Sequence[float]) -> float:
    """Give the standard deviation of a whole sample (divided by its size)."""
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def _prior(pack: Pack, centre: Centre, drawn: Sample, meaning_hash: str) -> Model:
    """Make the model that holds without history: the rules, moderated by how unsure their weights are."""
    terms = terms_of(pack)
    contributions = [exact_contributions(pack, centre, counts) for counts in drawn.counts]
    squares = [0.0] * (2 + len(terms.areas) + len(terms.groups))
    for one in contributions:
        for place, value in enumerate(terms.vector(pack, one)):
            squares[place] += value * value
    priors = replace(PRIOR_SDS, intercept=intercept_sd(pack))
    variances = prior_variances(pack, priors)
    # V, the mean over the sample of z' S z, where S is still the diagonal of the prior
    v = math.fsum(s * variance for s, variance in zip(squares, variances, strict=True)) / len(contributions)
    moderation = rounded(1 / math.sqrt(1 + math.pi * v / 8))
    log_odds = [math.fsum(one.values()) for one in contributions]
    base = rounded(solve_base(log_odds, moderation, pack.base_rate.value))
    # a pack may be even less sure of its base rate than the second fit is
    wide = prior_variances(pack, replace(WIDE_SDS, intercept=max(WIDE_SDS.intercept, priors.intercept)))
    return Model(
        name="rules' prior",
        base=base,
        moderation=moderation,
        factors={rule.id: 1.0 for rule in pack.weighed_rules},
        reference=quantiles(log_odds),
        range=ModelRange(
            base=base,
            factors=(1.0,) * len(terms.groups),
            variances=tuple(rounded(variance) for variance in wide),
        ),
        pack={"name": pack.name, "version": pack.version, "meaning_hash": meaning_hash},
    )


def prior_variances(pack: Pack, sds: Sds) -> list[float]:
    """Give the prior variance of each coefficient, in the order of `Terms`."""
    terms = terms_of(pack)
    return [
        sds.intercept**2,
        sds.slope**2,
        *[sds.area**2] * len(terms.areas),
        *[sds.finding**2] * len(terms.groups),
    ]


def intercept_sd(pack: Pack) -> float:
    """Give the standard deviation of the intercept: (logit high - logit low) / 3.29 of the base rate's range."""
    low, high = pack.base_rate.low, pack.base_rate.high
    if low is None or high is None:
        return PRIOR_SDS.intercept
    return (logit(high) - logit(low)) / 3.29


def quantiles(log_odds: Sequence[float]) -> tuple[float, ...]:
    """Give the 401 quantiles of a sample at (i + 1/2) / 401, rounded to 6 significant digits."""
    ordered = sorted(log_odds)
    places = ((i + 0.5) / QUANTILES * len(ordered) - 0.5 for i in range(QUANTILES))
    found = []
    for place in places:
        low = min(max(math.floor(place), 0), len(ordered) - 1)
        high = min(low + 1, len(ordered) - 1)
        part = min(max(place - low, 0.0), 1.0)
        found.append(rounded(ordered[low] * (1 - part) + ordered[high] * part))
    return tuple(found)


# --- the one-file form -------------------------------------------------------------------------------------


def _form(pack: Pack, centre: Centre) -> dict[str, Any]:
    form = pack_to_json(pack)
    form["scale"] = centre.scale
    for rule in form["rules"]:
        if rule["id"] in centre.expected:
            rule["expected"] = centre.expected[rule["id"]]
    return {**form, "meaning_hash": meaning(form)}


def built_to_json(built: BuiltPack, made_from: str | None = None) -> dict[str, Any]:
    """Give the one-file JSON of a built pack: what other programs read.

    Args:
        built: The pack.
        made_from: What `built_from` gave, by which a later load can tell whether the file is fresh.
    """
    form = _form(built.pack, built.centre)
    model = model_to_json(built.model or built.prior)
    if built.model is not None:
        model["prior"] = model_to_json(built.prior)
        model["hash"] = built.model.hash
    if made_from is not None:
        model["built_from"] = made_from
    return {**form, "hash": built.hash, "model": model}


def _from_form(form: Mapping[str, Any], file: str) -> BuiltPack:
    pack = pack_from_json(form, file)
    centre = Centre(
        finite(form["scale"]), {rule["id"]: finite(rule["expected"]) for rule in form["rules"] if "expected" in rule}
    )
    model = form["model"]
    trained = model_from_json(model, pack) if model.get("trained_on") is not None else None
    prior = model_from_json(model["prior"] if trained is not None else model, pack)
    return BuiltPack(pack, centre, prior, trained, form["hash"], form["meaning_hash"])


# --- loading -----------------------------------------------------------------------------------------------

_loaded: dict[tuple[Path, str], BuiltPack] = {}
MAX_LOADED = 8


def load_pack(path: str | Path | None = None) -> BuiltPack:
    """Load a pack, ready for assessments; the same pack is loaded once in a process.

    The shipped pack comes built. Another folder's pack is built on first use, which takes some seconds, and is
    kept in the user's cache under the hash of its files.

    Args:
        path: A folder of YAML or a one-file JSON; the shipped pack by default.

    Returns:
        The built pack.

    Raises:
        ProblemError: with everything that is wrong with it.

    Examples:
        >>> load_pack().pack.name
        'riskengine'
    """
    where = shipped("rules") if path is None else Path(path)
    if not is_folder(where):
        return _load_file(where)
    key = (where.resolve(), built_from(where))
    if key not in _loaded:
        built = _load_folder(where, key[1])
        while len(_loaded) >= MAX_LOADED:
            del _loaded[next(iter(_loaded))]
        _loaded[key] = built
    return _loaded[key]


def built_from(folder: Path) -> str:
    """Give the hash of what a built pack is made from: the folder's files, and the model that ships.

    Args:
        folder: The folder of a pack.

    Raises:
        ProblemError: if there is no pack, or a file of it can't be read.
    """
    model = shipped("data", "model.json")
    trained = model.read_bytes() if model.is_file() else b""
    return hashlib.sha256(content_digest(folder).encode() + trained).hexdigest()


def _load_file(path: Path) -> BuiltPack:
    form = read_form(path)
    try:
        return _from_form(form, str(path))
    except ProblemError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        message = f"this is no usable one-file pack: {type(error).__name__} {error}"
        help = "make one with `riskengine rules build`"
        raise ProblemError(Problem("RE-109", message, help, Source(str(path)))) from None


def _load_folder(folder: Path, content: str) -> BuiltPack:
    if folder.resolve() == shipped("rules").resolve():
        fresh = _fresh(shipped("data", "pack.json"), content)
        if fresh is not None:
            return fresh
    cache = _cache_file(content)
    fresh = _fresh(cache, content)
    if fresh is not None:
        return fresh
    built = with_model(build(read_pack(folder)))
    text = json.dumps(built_to_json(built, content), ensure_ascii=False)
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(cache, text)
    except OSError:
        # a cache that can't be written costs time at the next start, and nothing else
        pass
    return built


def with_model(built: BuiltPack) -> BuiltPack:
    """Add the shipped model where it belongs to this very pack."""
    path = shipped("data", "model.json")
    if built.model is not None or not path.is_file():
        return built
    try:
        model = read_model(path, built.pack, built.meaning_hash)
    except ProblemError:
        return built
    return built.using(model)


def _fresh(path: Path, content: str) -> BuiltPack | None:
    """Load a built file if it was built from these very files by this very format."""
    try:
        form = json.loads(path.read_bytes())
        if form["model"]["built_from"] != content:
            return None
        return _from_form(form, str(path))
    except (OSError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        # missing, cut off or of another age: it is built anew
        return None


def _cache_file(content: str) -> Path:
    from riskengine import __version__

    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "riskengine" / f"pack-{__version__}-{content}.json"


def check_outputs(outputs: Sequence[Path], inputs: Iterable[Path]) -> None:
    """Refuse outputs that would overwrite an input, one another, or what is no file.

    Args:
        outputs: Where results are to be written.
        inputs: The files that they are made from.

    Raises:
        ProblemError: RE-801 for each that can't be written there.
    """
    read = {path.resolve() for path in inputs}
    seen: set[Path] = set()
    missing: set[Path] = set()
    wrong = []
    for path in outputs:
        where = path.resolve()
        if where in read:
            wrong.append(Problem("RE-801", "the output is the input", "name another file for it", Source(str(path))))
        elif where in seen:
            wrong.append(Problem("RE-801", "two outputs are one file", "name another one", Source(str(path))))
        elif path.exists() and not path.is_file():
            wrong.append(Problem("RE-801", "this is no ordinary file", "name another file for it", Source(str(path))))
        elif not path.parent.is_dir() and where.parent not in missing:
            wrong.append(Problem("RE-801", "there is no such folder", "make it, or name another", Source(str(path))))
            missing.add(where.parent)
        seen.add(where)
    if wrong:
        raise ProblemError(wrong)


def write_output(path: Path, text: str) -> None:
    """Write a result file, whole or not at all.

    Args:
        path: The file; replaced if it is there.
        text: Its content.

    Raises:
        ProblemError: RE-801 if it can't be written; nothing is left behind.
    """
    try:
        write_atomically(path, text)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        message = f"the output cannot be written: {reason}"
        help = "name a file in a folder that is there and that you may write to"
        raise ProblemError(Problem("RE-801", message, help, Source(str(path)))) from None


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is there whole, or not at all.

    Args:
        path: The file; replaced if it is there.
        text: Its content.

    Raises:
        OSError: if it can't be written; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; a result is an ordinary one
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
