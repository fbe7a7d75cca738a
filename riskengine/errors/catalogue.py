"""The one catalogue of codes; messages, `docs/errors.md` and the tests are made from it.

A code is never reused or renumbered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["CATALOGUE", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One code.

    Attributes:
        title: What it is about, as a heading.
        explanation: Why it is refused, and what to do.
        faulty: A short example of the mistake.
        corrected: The same, mended.
        severity: `error`, or `warning` where work goes on.
    """

    title: str
    explanation: str
    faulty: str
    corrected: str
    severity: Literal["error", "warning"] = "error"


CATALOGUE: Mapping[str, Entry] = {
    "RE-101": Entry(
        "Not valid YAML or JSON",
        "The text can't be read at the place named. Indentation is done with spaces; texts with a colon or a hash "
        "sign need quotes; a file holds one document, and no tags such as `!!python/object`.",
        "stage:\n\tidea",
        "stage: idea",
    ),
    "RE-102": Entry(
        "The same key twice",
        "A key stands twice in one mapping, or a question is answered twice. Taking the last one would hide a "
        "mistake, so neither is taken.",
        "stage: idea\nstage: live",
        "stage: live",
    ),
    "RE-103": Entry(
        "Unknown key",
        "A key is not one of those that may stand here, most often a misspelling.",
        "- id: thin-team\n  wieght: 0.4",
        "- id: thin-team\n  weight: 0.4",
    ),
    "RE-104": Entry(
        "Wrong shape",
        "Something is missing, or a list stands where a mapping should, or a number where a text should. An entry "
        "with only an `id` and a `weight` or `off` changes a rule of the pack that `extends` names; without one there "
        "is nothing to change.",
        "when: [team_size: 1]",
        "when: {team_size: 1}",
    ),
    "RE-105": Entry(
        "A file of a pack can't be read",
        "The file or folder is missing, is not readable, is no ordinary file, or is no pack. A pack is a "
        "folder with `pack.yaml`, or the one-file JSON that `riskengine rules build` writes.",
        "riskengine assess --rules ruels answers.yaml",
        "riskengine assess --rules rules answers.yaml",
    ),
    "RE-106": Entry(
        "The extended pack can't be used",
        "`extends` names `riskengine`, or a path from the pack's own folder; packs must not extend each other in "
        "a circle. The problems of the extended pack follow.",
        "extends: ../missing",
        "extends: riskengine",
    ),
    "RE-107": Entry(
        "Not UTF-8",
        "Files are read as UTF-8, with or without a byte order mark. Save the file with that encoding.",
        "(a file saved as Windows-1252)",
        "(the same file saved as UTF-8)",
    ),
    "RE-108": Entry(
        "Anchors and aliases are not allowed",
        "An answers file is flat, so it needs none; a few lines of aliases can stand for millions of values.",
        "a: &x 1\nb: *x",
        "a: 1\nb: 1",
    ),
    "RE-109": Entry(
        "No usable one-file pack",
        "The file is not the JSON that `riskengine rules build` writes, was changed afterwards, or comes from "
        "another version of riskengine.",
        '{"rules": []}',
        "riskengine rules build my-pack -o my-pack.json",
    ),
    "RE-201": Entry(
        "Unknown question",
        "A condition, quantity or example names a question or quantity that the pack does not have.",
        "when: {teem_size: 1}",
        "when: {team_size: 1}",
    ),
    "RE-202": Entry(
        "No such level",
        "A test or a share names a level that the question does not have.",
        "when: {stage: ideal}",
        "when: {stage: idea}",
    ),
    "RE-203": Entry(
        "Out of range",
        "A number lies outside what is possible there, such as a threshold that no answer can reach.",
        "when: {team_size: {at_most: -1}}",
        "when: {team_size: {at_most: 1}}",
    ),
    "RE-204": Entry(
        "The test does not fit",
        "The operator or value does not fit the question's type: an order on yes or no, a text for a number, a "
        "question without a test, a conclusion with one.",
        "when: {has_owner: {at_least: yes}}",
        "when: {has_owner: yes}",
    ),
    "RE-205": Entry(
        "A cycle",
        "Conclusions, or quantities, are worked out from each other in a circle; through `not` as well.",
        "a: when b, concludes c\nb: when c, concludes b",
        "b: when {team_size: 1}, concludes b",
    ),
    "RE-206": Entry(
        "The same id twice",
        "Questions, quantities and conclusions share one name space; rules have another. Every id, and every name in "
        "`renamed_from`, is used once; a group is not named like a rule that is not in it.",
        "- id: thin-team\n- id: thin-team",
        "- id: thin-team\n- id: thin-team-late",
    ),
    "RE-207": Entry(
        "An example contradicts its rule",
        "On the answers of the example the rule is in another state than the example says. One of the two is wrong.",
        "when: {team_size: 1}\nexamples: [{answers: {team_size: 2}, state: fires}]",
        "when: {team_size: 1}\nexamples: [{answers: {team_size: 1}, state: fires}]",
    ),
    "RE-208": Entry(
        "No rule concludes this",
        "A condition uses a conclusion that no rule establishes, so it could never hold.",
        "when: {all: [thin_taem]}",
        "when: {all: [thin_team]}",
    ),
    "RE-209": Entry(
        "Unknown area, phase, end or source",
        "These are declared in `pack.yaml` and under `sources:`, and are named elsewhere by their id.",
        "leads_to: [canceled]",
        "leads_to: [cancelled]",
    ),
    "RE-210": Entry(
        "A group mixes signs or areas",
        "A group holds graded versions of one risk, of which only the heaviest counts: one area, one sign.",
        "group: size, weight: 0.4\ngroup: size, weight: -0.4",
        "group: size, weight: 0.4\ngroup: size-good, weight: -0.4",
    ),
    "RE-211": Entry(
        "Reserved name",
        "`all`, `any`, `not`, `at_least`, `of` and `n/a` have a meaning of their own in conditions.",
        "- id: any",
        "- id: any_owner",
    ),
    "RE-212": Entry(
        "Count out of range",
        "`at_least` counts from 1 to the number of its parts.",
        "{at_least: 3, of: [a, b]}",
        "{at_least: 2, of: [a, b]}",
    ),
    "RE-213": Entry(
        "The divisor can be zero",
        "A ratio that becomes unknown at zero would make a better answer look worse, so the question it is "
        "divided by needs a minimum above zero.",
        "ratio: [months, people]  # people from 0",
        "ratio: [months, people]  # people from 0.1",
    ),
    "RE-214": Entry(
        "Nested too deep, or too large",
        "At most 60 levels and 200,000 values a file, aliases counted as what they stand for; 1,000 files of at most "
        "5 MB, 5,000 rules, 500 questions, 500 quantities and 500,000 parts of conditions a pack.",
        "[[[[...]]]]",
        "[...]",
    ),
    "RE-215": Entry(
        "Not known when the question is asked",
        "`ask_when` decides whether a question is asked, and `due_when` whether its answer is due, so they read only "
        "questions that stand before it, and no conclusions.",
        "ask_when: {later_question: yes}",
        "ask_when: {earlier_question: yes}",
    ),
    "RE-216": Entry(
        "The extended pack is not to be redefined",
        "An extending pack adds questions, quantities, rules, areas and sources of its own. Of a rule that is there "
        "already it may set the `weight`, or switch it `off: true`.",
        "- {id: thin-team, title: Other}",
        "- {id: thin-team, weight: 0.2}",
    ),
    "RE-217": Entry(
        "Shares that are no shares",
        "Shares of levels, or of ends, are not negative and add up to 1; shares of a number map per cent to value, "
        "0 and 100 included, both ascending.",
        "shares: {yes: 0.5, no: 0.6}",
        "shares: {yes: 0.4, no: 0.6}",
    ),
    "RE-218": Entry(
        "A conclusion that nothing establishes any more",
        "The last rule that established this conclusion was switched off. The conclusion is ruled out in every "
        "project, and so is what needs it.",
        "- {id: thin-team, off: true}  # the only rule that concludes thin_team",
        "- {id: thin-team, off: true}\n- {id: overload, off: true}  # which needs thin_team",
        severity="warning",
    ),
    "RE-219": Entry(
        "`not` over a question that may not apply",
        "A test about something that does not apply is false, so `not` of it is true. To mean `asked, and not so`, "
        "write the opposite test.",
        "not: {labels: checked}",
        "labels: {is_not: checked}",
        severity="warning",
    ),
    "RE-301": Entry(
        "Unknown question in the answers",
        "The answers name a question that the pack does not have.",
        "teem_size: 3",
        "team_size: 3",
    ),
    "RE-302": Entry(
        "Wrong type of answer",
        "A number was expected and a text was given, or the other way round; `true` is no answer to a yes-or-no "
        "question, `yes` is. NaN and infinity are no numbers that can be counted with.",
        "has_owner: true",
        "has_owner: yes",
    ),
    "RE-303": Entry(
        "Answer out of range",
        "The number lies outside what the question allows.",
        "team_size: -3",
        "team_size: 3",
    ),
    "RE-304": Entry(
        "No such level in the answers",
        "The answer is none of the question's levels.",
        "stage: ideal",
        "stage: idea",
    ),
    "RE-305": Entry(
        "Applies to every project",
        "`n/a` is an answer only where the question says so. What is not known is left out.",
        "stage: n/a",
        "stage:",
    ),
    "RE-306": Entry(
        "Empty, or too large",
        "There is nothing in the file, or more than a megabyte.",
        "(an empty file)",
        "{}",
    ),
    "RE-307": Entry(
        "Answers are a mapping",
        "An answers file maps each question to its answer.",
        "- stage\n- idea",
        "stage: idea",
    ),
    "RE-308": Entry(
        "The file can't be read",
        "It is missing, is a directory, a pipe or a device, or you may not read it. `-` reads standard input.",
        "riskengine assess answer.yaml",
        "riskengine assess answers.yaml",
    ),
    "RE-401": Entry(
        "The table can't be read",
        "The table is empty, has no header, is not UTF-8 or is no CSV, or its end is missing.",
        "(an empty file)",
        "project,stage\nA,idea",
    ),
    "RE-402": Entry(
        "A column stands twice",
        "Two columns of the header name the same question, whatever their case.",
        "stage,Stage",
        "stage",
    ),
    "RE-403": Entry(
        "No column is a question",
        "Columns are matched by question id. None of the table's columns is one.",
        "Projekt;Phase",
        "project,stage",
    ),
    "RE-404": Entry(
        "A cell that can't be read",
        "The cell is no answer to the question of its column. The row is rejected, and the others are scored.",
        "ideal",
        "idea",
    ),
    "RE-405": Entry(
        "A row of another length",
        "The row has more or fewer cells than the header, so it is not known which answer belongs where.",
        "project,stage\nA,idea,7",
        "project,stage\nA,idea",
    ),
    "RE-601": Entry(
        "A model of another pack",
        "Weights are learnt for one state of one pack. With other rules the numbers would be wrong.",
        "riskengine assess --model old.json answers.yaml",
        "riskengine model train history.csv -o new.json",
    ),
    "RE-602": Entry(
        "A damaged model file",
        "The file is cut off, was changed after it was written, or comes from another version of riskengine. "
        "Nothing of it is used.",
        "(a model file edited by hand)",
        "riskengine model train history.csv -o model.json",
    ),
    "RE-603": Entry(
        "A history that can't be learnt from",
        "A row has no outcome, an unknown one, or a count or weight that is no number in range; or no row is left.",
        "outcome\nmaybe",
        "outcome\nfailed",
    ),
    "RE-604": Entry(
        "Answered after the outcome",
        "Answers that were given when the end was known can't teach what was foreseeable.",
        "answered 2026-05-01, ended 2026-03-01",
        "answered 2025-05-01, ended 2026-03-01",
    ),
    "RE-605": Entry(
        "A row moves nothing",
        "On the answers of this row no finding moves by 0.05, so it can teach nothing about the rules.",
        "(a row with a single answer that no rule weighs)",
        "(a row with answers that rules weigh)",
        severity="warning",
    ),
    "RE-801": Entry(
        "The output can't be written",
        "The folder is missing or not writable, the disk is full, or the output would overwrite its own input. "
        "Nothing was written.",
        "riskengine score a.csv -o a.csv",
        "riskengine score a.csv -o scored.csv",
    ),
    "RE-803": Entry(
        "A terminal is needed",
        "The questionnaire asks in a terminal, and there is none. Fill in what `riskengine template` writes and "
        "give the file.",
        "riskengine assess < /dev/null",
        "riskengine assess answers.yaml",
    ),
    "RE-804": Entry(
        "An option out of range",
        "The value of an option is not one that can be used.",
        "--base-rate 40",
        "--base-rate 0.4",
    ),
    "RE-805": Entry(
        "No such rule",
        "The pack has no rule of this id.",
        "riskengine explain answers.yaml thin-taem",
        "riskengine explain answers.yaml thin-team",
    ),
    "RE-900": Entry(
        "Our own bug",
        "Something happened that should not be possible. The traceback says where; please report it.",
        "(none)",
        "(none)",
    ),
}
