"""One project assessed: answers in, `Assessment` out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskengine.assessment.answers import Answers, answers_from_mapping
from riskengine.assessment.build import BuiltPack, load_pack
from riskengine.assessment.ends import split
from riskengine.assessment.model_file import Model, read_model, terms_of
from riskengine.assessment.names import key_of
from riskengine.assessment.next_questions import next_questions
from riskengine.assessment.proofs import Proof, prove
from riskengine.assessment.result import (
    AnswerShown,
    AreaScore,
    Assessment,
    Finding,
    ModelVersion,
    Narrowing,
    PackVersion,
    ProofShown,
    Ranges,
    Score,
    Step,
    Versions,
    Warned,
)
from riskengine.assessment.score import Contributions, contributions, expit
from riskengine.engines.forward import engine_for
from riskengine.engines.protocol import Engine, Findings
from riskengine.errors import nearest
from riskengine.logic.conditions import NotApplicable, Value
from riskengine.pack.gates import asked, overdue
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, STATES, Pack, Question, Rule

__all__ = ["assess", "assess_answers", "choose_model", "label_of"]


def assess(
    answers: Mapping[str, object] | Answers,
    *,
    pack: BuiltPack | str | Path | None = None,
    model: Model | str | Path | None = None,
    base_rate: float | None = None,
    department: str | None = None,
    explain: bool = True,
) -> Assessment:
    """Assess one project.

    Args:
        answers: Question to value, or what an answers file holds (`{project, department, date, answers, ...}`).
            Absent or `None` is unknown; the text `n/a` does not apply.
        pack: A built pack, a folder or a one-file JSON; the shipped pack by default.
        model: A model file; `"none"` for the rules' prior; by default the model that belongs to the pack.
        base_rate: The reader's own base rate, strictly between 0 and 1.
        department: The part of the house that the project is of, if the answers don't say so. A model that knows it
            has a level for its projects.
        explain: Whether to work out proofs and the next questions, which takes longer than all the rest.

    Returns:
        The assessment.

    Raises:
        ProblemError: with everything that is wrong with the answers, the pack or the model.

    Examples:
        >>> result = assess({"stage": "idea"})
        >>> 0 < result.probability < 1
        True
    """
    built = pack if isinstance(pack, BuiltPack) else load_pack(pack)
    if not isinstance(answers, Answers):
        answers = answers_from_mapping(answers, built.pack)
    answers = answers.of_department(department)
    chosen = model if isinstance(model, Model) else choose_model(built, model)
    return assess_answers(answers, built, chosen, base_rate=base_rate, explain=explain)


def choose_model(built: BuiltPack, model: str | Path | None) -> Model:
    """Choose the model to use.

    Args:
        built: The pack.
        model: A model file; `"none"` for the rules' prior; `None` for what belongs to the pack.

    Raises:
        ProblemError: if the file can't be read, is damaged, or belongs to another pack.
    """
    if model is None:
        return built.model or built.prior
    if str(model) == "none":
        return built.prior
    return read_model(Path(model), built.pack, built.meaning_hash)


@dataclass(frozen=True, slots=True)
class _Project:
    """What is known about the project, with what the engine found."""

    answers: Answers
    pack: Pack
    asked: Mapping[str, bool | None]
    found: Findings
    contributions: Contributions


def assess_answers(
    answers: Answers,
    built: BuiltPack,
    model: Model,
    *,
    base_rate: float | None = None,
    explain: bool = True,
    engine: Engine | None = None,
) -> Assessment:
    """Assess checked answers; see `assess`.

    Args:
        answers: Checked answers.
        built: The pack.
        model: The model.
        base_rate: The reader's own base rate.
        explain: Whether to work out proofs and the next questions.
        engine: The executor; by default the one that `engine_for` chooses.
    """
    pack = built.pack
    base, shift = _base(model, base_rate)
    key = None if answers.department is None else key_of(answers.department)
    level = model.level_of(key)
    base += level
    engine = engine or engine_for(pack)
    found = engine.findings(pack, answers.values)
    parts = contributions(pack, built.centre, model.factors, found.rules)
    project = _Project(answers, pack, asked(pack, answers.values), found, parts)

    shown = math.fsum(value for rule, value in parts.learned.items() if found.rules[rule] is not False)
    not_shown = math.fsum(value for rule, value in parts.learned.items() if found.rules[rule] is False)
    log_odds = base + shown + not_shown
    kappa = model.moderation
    probability = expit(kappa * log_odds)
    low, high = expit(kappa * (base + parts.low)), expit(kappa * (base + parts.high))
    z = terms_of(pack).vector(pack, parts.exact)
    z_low, z_high = model.range.shifted(shift).of_department(key).bounds(z)

    findings = _findings(project, log_odds, kappa, explain)
    questions = next_questions(pack, built.centre, model.factors, answers.values) if explain else []
    open_questions = [
        question.id
        for question in pack.questions
        if project.asked[question.id] is not False and answers.values.get(question.id) is None
    ]
    known = [question for question, state in project.asked.items() if state]
    return Assessment(
        project=answers.project,
        department=answers.department,
        date=answers.date,
        probability=probability,
        risk_level=[level.id for level in pack.risk_levels if level.start <= probability][-1],
        base_rate=pack.base_rate.value if base_rate is None else base_rate,
        # rounding must not push a bound past the point
        range=Ranges(
            answers=(min(low, probability), max(high, probability)),
            model=(min(z_low, probability), max(z_high, probability)),
        ),
        ends=split(pack, probability, parts.learned, model.ends),
        score=Score(base=base, department=level, shown=shown, not_shown=not_shown, log_odds=log_odds, moderation=kappa),
        areas=_areas(project),
        findings=tuple(one for one in findings if one.state != "ruled_out"),
        ruled_out=tuple(one for one in findings if one.state == "ruled_out"),
        unanswered=tuple(open_questions),
        answered_share=sum(answers.values.get(question) is not None for question in known) / max(len(known), 1),
        next_questions=tuple(
            Narrowing(
                question=one.question,
                text=pack.question[one.question].text,
                narrows=one.narrows,
                opens=one.opens,
            )
            for one in questions
        ),
        warnings=tuple(_warnings(project, built, model)),
        versions=_versions(built, model, found.engine),
        answers={question: _plain(value) for question, value in answers.values.items() if value is not None},
        notes=dict(answers.notes),
        by=dict(answers.by),
    )


def _base(model: Model, base_rate: float | None) -> tuple[float, float]:
    """Give the base to use, and by how much it differs from the model's own."""
    if base_rate is None:
        return model.base, 0.0
    base = model.base_for(base_rate)
    return base, base - model.base


def _areas(project: _Project) -> dict[str, AreaScore]:
    sums: dict[str, list[float]] = {}
    for rule in project.pack.weighed_rules:
        sums.setdefault(rule.area, []).append(project.contributions.learned[rule.id])
    scores = {area: math.fsum(sums[area]) for area, _ in project.pack.areas if area in sums}
    positive = math.fsum(max(score, 0.0) for score in scores.values())
    return {
        area: AreaScore(score=score, share=max(score, 0.0) / positive if positive else 0.0)
        for area, score in scores.items()
    }


def _findings(project: _Project, log_odds: float, kappa: float, explain: bool) -> list[Finding]:
    learned, replaced_by = project.contributions.learned, project.contributions.replaced_by
    of_group = {
        members[0].group_key: math.fsum(learned[rule.id] for rule in members) for members in project.pack.groups
    }
    heads = {members[0].group_key: _head(members, project.found.rules) for members in project.pack.groups}
    found = []
    for rule in project.pack.weighed_rules:
        assert rule.weight is not None
        without = expit(kappa * (log_odds - of_group[rule.group_key]))
        counts = heads[rule.group_key] == rule.id
        found.append(
            Finding(
                rule=rule.id,
                title=rule.title,
                area=rule.area,
                state=STATES[project.found.rules[rule.id]],
                weight=rule.weight,
                contribution=learned[rule.id],
                effect=None if not counts else 100 * (expit(kappa * log_odds) - without),
                group=rule.group,
                replaced_by=replaced_by.get(rule.id),
                concludes=rule.concludes,
                leads_to=rule.leads_to,
                why=rule.why,
                advice=rule.advice,
                sources=rule.sources,
                proof=_proof(project, rule) if explain else None,
            )
        )
    return sorted(found, key=lambda one: -one.contribution)


def _head(members: Sequence[Rule], states: Mapping[str, bool | None]) -> str:
    """Give the member under whose name a reader sees the group: the heaviest that fires, else is possible."""
    order = (*(one for one in members if states[one.id]), *(one for one in members if states[one.id] is None), *members)
    return order[0].id


def _proof(project: _Project, rule: Rule) -> ProofShown:
    pack, values = project.pack, project.answers.values
    proof: Proof = prove(pack, values, rule.id)
    return ProofShown(
        answers=tuple(_shown(pack.question[question], values[question]) for question in proof.answers),
        steps=tuple(
            Step(
                rule=step,
                title=pack.rule[step].title,
                state="fires" if project.found.rules[step] else "ruled_out",
                concludes=pack.rule[step].concludes,
            )
            for step in proof.steps
        ),
        open=proof.open,
    )


def _shown(question: Question, value: Value) -> AnswerShown:
    assert value is not None
    return AnswerShown(question=question.id, text=question.text, value=_plain(value), label=label_of(question, value))


def _plain(value: str | float | NotApplicable) -> str | float:
    return NOT_APPLICABLE_LEVEL if isinstance(value, NotApplicable) else value


def label_of(question: Question, value: Value) -> str:
    """Say an answer in the reader's words.

    Args:
        question: The question.
        value: Its answer.

    Returns:
        The level's label, the number with its unit, or that it does not apply or is not known.
    """
    if value is None:
        return "not known"
    if isinstance(value, NotApplicable):
        return "does not apply"
    if isinstance(value, str):
        return next(level.label for level in question.levels if level.id == value)
    return f"{value:.10g}" + (f" {question.unit}" if question.unit else "")


def _warnings(project: _Project, built: BuiltPack, model: Model) -> list[Warned]:
    pack, values = project.pack, project.answers.values
    found: list[Warned] = []
    if project.answers.pack is not None and project.answers.pack != pack.name:
        message = f"the answers were given for the pack `{project.answers.pack}`, and are read by `{pack.name}`"
        found.append(Warned(kind="pack", message=message))
    if built.model is None and model is built.prior:
        message = "no trained model belongs to this pack: the probability is the rules' prior"
        found.append(Warned(kind="model", message=message))
    department = project.answers.department
    if department is not None and model.departments and key_of(department) not in model.departments:
        names = [one.name for one in model.departments.values()]
        help = nearest(department, names)
        message = f"the model knows no department `{department}`: the project counts as one of no department"
        found.append(Warned(kind="model", message=message + (f"; {help}" if help else "")))
    if pack.ruled_out:
        named = ", ".join(f"`{name}`" for name in pack.ruled_out)
        message = f"no rule of this pack establishes {named} any more: what builds on it is ruled out"
        found.append(Warned(kind="pack", message=message))
    for question, state in project.asked.items():
        if values.get(question) is None or state:
            continue
        gates = tuple(gate for gate in pack.gate_questions[question] if values.get(gate) is None)
        if state is None:
            named = ", ".join(f"`{gate}`" for gate in gates)
            message = f"whether `{question}` is asked depends on {named}; its answer waits for that"
            found.append(Warned(kind="open_gate", message=message, questions=(question, *gates)))
        else:
            message = f"`{question}` is not asked of such a project; its answer was ignored"
            found.append(Warned(kind="ignored", message=message, questions=(question,)))
    for rule in pack.rules:
        if rule.warns is not None and project.found.rules[rule.id]:
            questions = prove(pack, values, rule.id).answers
            found.append(Warned(kind="contradiction", message=rule.warns, rule=rule.id, questions=questions))
    blind = _blind_areas(project)
    if blind:
        titles = dict(pack.areas)
        message = f"more than half is open in: {', '.join(titles[area] for area in blind)}"
        found.append(Warned(kind="blind_spot", message=message))
    late = overdue(pack, values, project.asked)
    if late:
        texts = " ".join(pack.question[question].text for question in late)
        found.append(Warned(kind="blind_spot", message=f"such a project should know by now: {texts}", questions=late))
    return found


def _blind_areas(project: _Project) -> list[str]:
    blind = []
    for area, _ in project.pack.areas:
        known = [
            project.answers.values.get(question.id) is not None
            for question in project.pack.questions
            if question.area == area and project.asked[question.id] is not False
        ]
        if known and sum(known) < len(known) / 2:
            blind.append(area)
    return blind


def _versions(built: BuiltPack, model: Model, engine: str) -> Versions:
    from riskengine import __version__

    trained = None
    if model.trained_on is not None:
        trained = ModelVersion(name=model.name, trained_on=dict(model.trained_on), hash=model.hash)
    pack = PackVersion(name=built.pack.name, version=built.pack.version, hash=built.hash)
    return Versions(riskengine=__version__, engine=engine, pack=pack, model=trained)
