"""An evaluation in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from riskengine.calibration.evaluation.data import Compared, Evaluation, Figure, Figures, Subgroup
from riskengine.calibration.evaluation.verdict import verdict

__all__ = ["lines"]

BY_CHANCE = 0.0
WIDTH = 100


def lines(found: Evaluation) -> Iterator[str]:
    """Give the lines that `riskengine model evaluate` prints.

    Args:
        found: The evaluation.
    """
    yield (
        f"{found.figures.projects} finished projects, {found.figures.failed} failed; "
        f"{found.pack['name']} {found.pack['version']}"
    )
    yield f"  {found.method}, {found.repeats} times; intervals are about 95 %"
    yield from (f"  left out: {one.rows} rows, {one.reason}" for one in found.left_out)
    yield from (f"  caution: {one}" for one in found.cautions)
    yield ""
    yield from _paragraph(verdict(found))
    yield from _headed("How it would have done on projects held out from it", _figures(found.figures))
    yield from _ends(found)
    yield from _areas(found)
    yield from _headed("The level of each department, in log-odds beside that of all (0)", _departments(found))
    if found.temporal is not None:
        late = found.temporal
        yield from _headed(
            f"Begun on {late.cut} or later, by what {late.learned_from} earlier projects teach "
            f"({late.between} begun before and ended after that day are left out)",
            _figures(late.figures),
        )
    yield from _subgroups(found)
    yield from _too_little(found.figures)


def _paragraph(sentences: Sequence[str]) -> Iterator[str]:
    yield from textwrap.wrap(" ".join(sentences), WIDTH, break_long_words=False, break_on_hyphens=False)


def _headed(title: str, said: Iterable[str]) -> Iterator[str]:
    """Give a heading with what stands below it, or nothing where nothing does."""
    below = list(said)
    yield from ("", title, *below) if below else ()


def _figures(found: Figures) -> Iterator[str]:
    if found.observed_over_expected is not None:
        yield _line("failed / expected", found.observed_over_expected, f"{found.failed} against {found.expected:.1f}")
    for name, compared in (("log loss", found.log_loss), ("Brier score", found.brier)):
        if compared is not None:
            yield from _compared(name, compared)
    if found.auc is not None and found.rules_auc is not None:
        yield _line("AUC", found.auc, f"the rules alone {found.rules_auc.value:.3f}")
    if found.intercept is not None:
        yield _line("calibration intercept", found.intercept, "0 is right; above 0, too few failures were expected")
    if found.slope is not None:
        yield _line("calibration slope", found.slope, "1 is right; below 1, predictions are too extreme")
    if found.curve is not None:
        shown = found.curve[:: max(1, len(found.curve) // 5)]
        yield "  calibration curve     predicted -> failed (band)"
        for point in shown:
            low, high = point.band
            band = f"({100 * low:.1f}-{100 * high:.1f})"
            yield f"    {100 * point.predicted:5.1f} % -> {100 * point.observed:5.1f} % {band}"
    if found.decision is not None:
        yield "  net benefit, in failures met for each 100 projects: acting from a probability on"
        for at in found.decision[3:19:4]:
            gain = at.gain_over_rules
            yield (
                f"    {100 * at.threshold:5.0f} %  model {100 * at.model:6.1f}  rules {100 * at.rules:6.1f}  on all "
                f"{100 * at.all:6.1f}  gain over rules {100 * gain.value:+.1f} "
                f"({100 * gain.interval[0]:+.1f} to {100 * gain.interval[1]:+.1f})"
            )


def _line(name: str, figure: Figure, note: str = "") -> str:
    low, high = figure.interval
    return f"  {name:<21} {figure.value:7.3f} ({low:.3f} to {high:.3f})" + (f"  {note}" if note else "")


def _compared(name: str, compared: Compared) -> Iterator[str]:
    others = (
        f"base rate {compared.base_rate.value:.3f}, rules {compared.rules.value:.3f}, "
        f"rules at full weight {compared.full_rules.value:.3f}"
    )
    yield _line(name, compared.model, others)
    for other, gain in (("base rate", compared.gain_over_base_rate), ("rules", compared.gain_over_rules)):
        yield _line(f"  gain over {other}", gain, _sure(gain))


def _sure(gain: Figure) -> str:
    low, high = gain.interval
    if low > BY_CHANCE:
        return "better, beyond chance"
    if high < BY_CHANCE:
        return "worse, beyond chance"
    return "could be chance; that is no reason to switch history off"


def _ends(found: Evaluation) -> Iterator[str]:
    if found.ends:
        yield ""
        yield "How they failed"
    for one in found.ends:
        auc = f", AUC {one.auc.value:.3f} ({one.auc.interval[0]:.3f} to {one.auc.interval[1]:.3f})" if one.auc else ""
        yield f"  {one.end:<21} {one.observed} against {one.expected:.1f} expected{auc}"


def _areas(found: Evaluation) -> Iterator[str]:
    yield ""
    yield "How much each area matters here, against the rules (1)"
    for one in found.areas:
        learnt = "learnt" if one.learnt else "mostly the rules still"
        yield f"  {one.area:<21} {_interval(one.prior)} -> {_interval(one.posterior)}  {learnt}"


def _departments(found: Evaluation) -> Iterator[str]:
    for one in found.departments:
        low, high = one.level.interval
        learnt = "learnt" if one.learnt else "mostly that of all still"
        counts = f"{one.failed} of {one.projects} failed"
        yield f"  {one.department:<21} {one.level.value:+.2f} ({low:+.2f} to {high:+.2f})  {counts}, {learnt}"


def _interval(figure: Figure) -> str:
    low, high = figure.interval
    return f"{figure.value:.2f} ({low:.2f}-{high:.2f})"


def _subgroups(found: Evaluation) -> Iterator[str]:
    column = ""
    for one in found.subgroups:
        if one.column != column:
            column = one.column
            yield ""
            yield f"By {column}"
        yield f"  {one.value:<21} {_subgroup(one)}"


def _subgroup(one: Subgroup) -> str:
    figures, ratio = one.figures, one.figures.observed_over_expected
    parts = [f"{figures.projects} projects, {figures.failed} failed"]
    if ratio is not None:
        low, high = ratio.interval
        parts[0] += f" against {figures.expected:.1f} expected: {ratio.value:.2f} ({low:.2f} to {high:.2f})"
    if figures.log_loss is not None:
        parts.append(f"log loss {figures.log_loss.model.value:.3f}")
    if figures.auc is not None:
        parts.append(f"AUC {figures.auc.value:.3f}")
    return ", ".join(parts)


def _too_little(found: Figures) -> Iterator[str]:
    if found.too_little:
        yield ""
        yield "What can't be said yet"
    yield from (f"  {one.sentence}" for one in found.too_little)
