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
        severity: `error`, or where work goes on `warning`; `note` where there may be nothing wrong.
    """

    title: str
    explanation: str
    faulty: str
    corrected: str
    severity: Literal["error", "warning", "note"] = "error"


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
    "RE-220": Entry(
        "A rule that can never fire",
        "Whatever a project answers, the condition does not hold. Most often a conclusion that it needs can never "
        "hold itself; where its own tests exclude each other, that is RE-224.",
        "a: when {team_size: {above: 5, below: 2}}, concludes odd_team\nb: when {all: [odd_team], stage: idea}",
        "a: when {team_size: {above: 2, below: 5}}, concludes odd_team\nb: when {all: [odd_team], stage: idea}",
        severity="warning",
    ),
    "RE-221": Entry(
        "A rule that always fires",
        "The condition holds whatever a project answers. What all projects have in common tells none from another, "
        "and moves no probability.",
        "when: {any: [{team_size: {at_most: 5}}, {team_size: {above: 2}}]}",
        "when: {team_size: {at_most: 2}}",
        severity="warning",
    ),
    "RE-222": Entry(
        "Nothing uses it",
        "A conclusion that no rule reads, or a rule that neither weighs, warns nor concludes.",
        "concludes: thin_team  # and no rule names thin_team",
        "(a rule with `all: [thin_team]`; or no `concludes`)",
        severity="warning",
    ),
    "RE-223": Entry(
        "A question that no rule reads",
        "Neither a rule reads this question or quantity, nor a quantity or the gate of a question that a rule reads. "
        "People would answer it for nothing.",
        "- id: favourite_colour  # and no rule about it",
        "(a rule that reads it, or no such question)",
        severity="warning",
    ),
    "RE-224": Entry(
        "Tests that cannot hold together",
        "Each may hold, but never all of them in one project; or one can never hold by itself, because its question "
        "is not asked then, or no answer satisfies it.",
        "all: [{team_size: {below: 2}}, {team_size: {above: 5}}]",
        "any: [{team_size: {below: 2}}, {team_size: {above: 5}}]",
        severity="warning",
    ),
    "RE-225": Entry(
        "A rule that others make superfluous",
        "Of a group only the heaviest that fires counts; where a lighter one never fires without a heavier one, it "
        "never counts. And a rule without a weight does nothing where other rules conclude the same anyway.",
        "team_size: {at_most: 5}, weight: 0.7, group: size\nteam_size: {at_most: 2}, weight: 0.4, group: size",
        "team_size: {at_most: 5}, weight: 0.4, group: size\nteam_size: {at_most: 2}, weight: 0.7, group: size",
        severity="warning",
    ),
    "RE-226": Entry(
        "Two rules that always fire together",
        "They have a weight each, or a warning each, and fire in exactly the same projects: one thing is counted "
        "twice. Two rules of which one is a part of the other are no mistake.",
        "a: when {owner: no}, weight: 0.4\nb: when {owner: {is_not: yes}}, weight: 0.3",
        "a: when {owner: no}, weight: 0.7",
        severity="warning",
    ),
    "RE-227": Entry(
        "A gap between levels",
        "The rules of a group grade one question, and leave out an answer between two that they are about. Answering "
        "it looks better than what lies on either side.",
        "a: when {users_met: never}, group: users\nb: when {users_met: monthly}, group: users  # and `once`?",
        "b: when {users_met: {at_least: once}}, group: users",
        severity="warning",
    ),
    "RE-228": Entry(
        "Levels that no test tells apart",
        "Two levels, one beside the other, always have the same effect. Whoever answers has to choose between them "
        "for nothing.",
        "levels: {never: ..., once: ..., monthly: ...}  # and all tests say `at_most: once`",
        "levels: {seldom: ..., monthly: ...}",
        severity="warning",
    ),
    "RE-229": Entry(
        "Answers that leave no doubt",
        "With the best answers the probability falls below 1 %, or with the worst it rises above 99 %: of all "
        "questions, or of one area alone. No questionnaire knows that much.",
        "spread: {value: 3.5}",
        "spread: {value: 1.1}",
        severity="warning",
    ),
    "RE-230": Entry(
        "One question decides too much",
        "Between its best and its worst answer lies far more than with the other questions. Either many rules read "
        "it, and count one thing many times, or its weights are too high.",
        "(ten rules of one area that all read `stage`)",
        "(the same rules in one group)",
        severity="warning",
    ),
    "RE-231": Entry(
        "A weight without a source",
        "Nobody can judge a weight that does not say where it comes from. A scale of judgement is a source too.",
        "weight: 0.4",
        "weight: 0.4\nsources: [judgement]",
        severity="warning",
    ),
    "RE-232": Entry(
        "A rule without examples",
        "Each rule shows at least one project in which it fires, and one in which it is ruled out.",
        "examples: [{answers: {team_size: 1}, state: fires}]",
        "examples: [{answers: {team_size: 1}, state: fires}, {answers: {team_size: 5}, state: ruled_out}]",
        severity="warning",
    ),
    "RE-233": Entry(
        "An example answers what is not asked",
        "On the other answers of the example, the gate of this question is closed: no project would be asked it, and "
        "the answer is ignored.",
        "answers: {uses_labels: no, label_check: nobody}",
        "answers: {uses_labels: yes, label_check: nobody}",
        severity="warning",
    ),
    "RE-234": Entry(
        "Probably counted twice",
        "Two rules that both add to the risk, or both lower it, fire nearly always together, and neither a group nor "
        "a conclusion joins them.",
        "a: when {plan: none}, weight: 0.4\nb: when {plan: {at_most: none}, stage: [idea, live]}, weight: 0.4",
        "(both with `group: plan`)",
        severity="warning",
    ),
    "RE-235": Entry(
        "A worse answer lowers the risk",
        "The question says which direction is worse, and there is a project in which a worse answer gives a lower "
        "probability. Often a test with `is` should be one with `at_most` or `at_least`.",
        "a: when {testing: some}, weight: 0.4  # and `none` is worse",
        "a: when {testing: {at_most: some}}, weight: 0.4",
        severity="warning",
    ),
    "RE-236": Entry(
        "A judgement that calls itself an effect",
        "`basis: effect` says that the weight was measured, but all sources of the rule are judgements.",
        "sources: [judgement]\nbasis: effect",
        "sources: [judgement]\nbasis: judgement",
        severity="warning",
    ),
    "RE-240": Entry(
        "Not decided",
        "Whether this is so was not found out within the effort or the time allowed. There may be nothing wrong.",
        "riskengine rules check my-pack --time-limit 1",
        "riskengine rules check my-pack --time-limit 600",
        severity="note",
    ),
    "RE-250": Entry(
        "A test expects what the pack does not have",
        "A test of a `*.test.yaml` file names a rule or a risk level that the pack does not have. A rule that is still "
        "to be written is written first as far as its `id`, `title`, `when` and `weight`.",
        "fires: [thin-taem]",
        "fires: [thin-team]",
    ),
    "RE-251": Entry(
        "A test answers a question that is not asked",
        "With the other answers of the test the question is not asked, so its answer would be ignored, and the test "
        "would show something else than it seems to.",
        "answers: {stage: idea, users: 40}  # users are asked for when it is live",
        "answers: {stage: live, users: 40}",
    ),
    "RE-252": Entry(
        "A test expects nothing",
        "A test says what `fires`, what is `possible` or `ruled_out`, the `risk_level`, or bounds of the "
        "`probability`; one that says none of these could never fail.",
        "- name: a small team\n  answers: {team_size: 1}",
        "- name: a small team\n  answers: {team_size: 1}\n  fires: [thin-team]",
    ),
    "RE-253": Entry(
        "A test names a rule twice",
        "On the same answers a rule is in one state. One that is named twice is a slip.",
        "fires: [thin-team]\nruled_out: [thin-team]",
        "fires: [thin-team]",
    ),
    "RE-254": Entry(
        "Bounds that nothing lies between",
        "`at_least` is above `at_most`, so no probability could hold the test.",
        "probability: {at_least: 0.8, at_most: 0.5}",
        "probability: {at_least: 0.5, at_most: 0.8}",
    ),
    "RE-255": Entry(
        "Two tests of one name",
        "Two tests of a file have the same name, so that a report could not say which of them failed.",
        "- name: a small team\n- name: a small team",
        "- name: a small team\n- name: a small team without an owner",
    ),
    "RE-280": Entry(
        "No answers files here",
        "A folder that packs shall be compared on holds no answers file, neither at its top nor below. Files with a "
        "second ending, such as `a.sources.yaml`, are not taken for answers.",
        "riskengine rules diff old new --answers rules/schemas",
        "riskengine rules diff old new --answers data/cases",
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
    "RE-406": Entry(
        "A map of columns that can't be used",
        "The file of `--columns` maps names of columns to questions, a line each. Both are texts.",
        "- Phase: stage",
        "Phase: stage",
    ),
    "RE-407": Entry(
        "A line that is no JSON object",
        "Each line of a JSONL table is one object, question to answer, with no key twice. The row is rejected, and the "
        "others are scored.",
        '["A", "idea"]',
        '{"project": "A", "stage": "idea"}',
    ),
    "RE-408": Entry(
        "Quotes that don't fit together",
        "A quoted cell opens with a quote and closes with one before the next delimiter or line end; a quote in it is "
        "written twice. Where that fails, nobody can tell which rows were meant.",
        'project,stage\n"A "new" one",idea',
        'project,stage\n"A ""new"" one",idea',
    ),
    "RE-409": Entry(
        "Another format than expected",
        "The content is not of the format that the file's name or `--format` says: a Parquet file called `.csv`, an "
        "old or encrypted workbook called `.xlsx`, or a name that says nothing.",
        "riskengine score portfolio.dat -o scored.csv",
        "riskengine score portfolio.dat --format csv -o scored.csv",
    ),
    "RE-410": Entry(
        "Which sheet is meant",
        "The workbook has several sheets and none was chosen, or it has none of the name.",
        "riskengine score projects.xlsx -o scored.csv",
        "riskengine score projects.xlsx --sheet Projects -o scored.csv",
    ),
    "RE-411": Entry(
        "Tables that don't go together",
        "Tables that are scored together have the same format and the same columns, of the same types.",
        "riskengine score 2025.csv 2026.parquet -o scored.csv",
        "riskengine score 2025.csv 2026.csv -o scored.csv",
    ),
    "RE-412": Entry(
        "The table changed while it was read",
        "Somebody wrote, moved or removed the file meanwhile, so what was read may be half of the one and half of the "
        "other. Nothing was written.",
        "(a file that another program writes)",
        "(a copy of it)",
    ),
    "RE-413": Entry(
        "More than the output's format can hold",
        "An XLSX sheet has at most 1,048,576 rows and 16,384 columns, and its cells 32,767 characters; CSV and XLSX "
        "hold no lists, structures or bytes.",
        "riskengine score millions.parquet -o scored.xlsx",
        "riskengine score millions.parquet -o scored.parquet",
    ),
    "RE-414": Entry(
        "A spreadsheet's error in a cell",
        "The cell holds what a spreadsheet shows where it can't work out a formula. That is no answer, and not "
        "the same as leaving it open. The row is rejected, and the others are scored.",
        "#DIV/0!",
        "2.5",
    ),
    "RE-415": Entry(
        "A last run that can't be compared with",
        "The table of `--against` is the output of an earlier run: it has the column of names and "
        "`failure_probability`, and no name twice.",
        "riskengine score a.csv -o b.csv --max-rise 0.1 --against a.csv",
        "riskengine score a.csv -o b.csv --max-rise 0.1 --against last.csv",
    ),
    "RE-416": Entry(
        "A row or a sheet that is too long",
        "A single row is longer than 64 MB. Most often a quote was opened and never closed. Of a workbook: the sheet "
        "reaches over more than 134 million cells, empty ones with them. Most often one cell far behind the table "
        "holds something.",
        "(a table whose second cell opens with a quote)",
        "(the same with the quote closed)",
    ),
    "RE-417": Entry(
        "No column of budgets",
        "The column that `--budget` names is not in the table, or holds neither numbers nor text.",
        "riskengine score a.csv -o b.csv --report r.html --budget costs",
        "riskengine score a.csv -o b.csv --report r.html --budget cost",
    ),
    "RE-430": Entry(
        "Not a frame that can be scored",
        "`riskengine.score` takes frames of Polars, pandas, PyArrow, DuckDB, Spark and Dask, and what else narwhals "
        "reads. A list, a mapping, a single column and a frame of pandas on Spark are none.",
        "riskengine.score([{'stage': 'idea'}])",
        "riskengine.score(polars.DataFrame([{'stage': 'idea'}]))",
    ),
    "RE-432": Entry(
        "Spark is not installed",
        "`--engine spark` needs the Python package pyspark, which riskengine's extra `spark` brings. `spark-submit` "
        "brings its own: install riskengine into the Python that it runs.",
        "pip install riskengine",
        'pip install "riskengine[spark]"',
    ),
    "RE-433": Entry(
        "No Spark session",
        "Spark could not be started or reached. On this machine it needs Java 17 or newer, found by `JAVA_HOME` or the "
        "`PATH`. Elsewhere, `SPARK_REMOTE` says where a Spark Connect server listens.",
        "SPARK_REMOTE=sc://nowhere riskengine score hdfs:///p.parquet -o hdfs:///scored.parquet --engine spark",
        "apt-get install openjdk-17-jre-headless",
    ),
    "RE-434": Entry(
        "An option that Spark has no use for",
        "With `--engine spark` tables are folders of CSV, Parquet or JSONL that Spark reads and writes itself. "
        "It has no XLSX, sheets, encodings but UTF-8, `--resume` (Spark tries parts again itself), nor reports of "
        "single projects.",
        "riskengine score p.parquet -o s.parquet --engine spark --junit projects.xml",
        "riskengine score p.parquet -o s.parquet --engine spark --fail-above 0.7",
    ),
    "RE-435": Entry(
        "What Spark says of a table",
        "Spark could not read the table or write the output; its own words follow. A table has to be where the session "
        "sees it, which may be another machine. An output must not be there yet.",
        "riskengine score p.parquet -o scored.parquet --engine spark  # a second time",
        "riskengine score p.parquet -o scored-2.parquet --engine spark",
    ),
    "RE-500": Entry(
        "No place for a history",
        "A history is a file, or the URL of a database as SQLAlchemy writes it. The driver of the database has to be "
        "installed; the one for PostgreSQL comes with `pip install riskengine[postgresql]`.",
        "--history postgresql:/db/risks",
        "--history postgresql://ann@db/risks",
    ),
    "RE-501": Entry(
        "No history here yet",
        "Commands that read never begin a history: with a misspelt place they would show an empty one.",
        "riskengine history list --history hsitory.db",
        "riskengine history list --history history.db",
    ),
    "RE-502": Entry(
        "The history can't be read or written",
        "The file can't be opened or written, the disk is full, the server can't be reached or does not let you in, "
        "or others hold it for too long. What was recorded before is still there; of this command, nothing is.",
        "--history /read-only/history.db",
        "--history ~/history.db",
    ),
    "RE-503": Entry(
        "No history, or a damaged one",
        "The file is no database, is the database of another program, or is damaged. Go back to a copy that "
        "`riskengine history backup` made.",
        "--history notes.txt",
        "--history history.db",
    ),
    "RE-504": Entry(
        "The tables are older than this riskengine",
        "On a server others may still use the older version, so the tables are only changed when somebody says so.",
        "riskengine history list --history postgresql://db/risks",
        "riskengine history upgrade --history postgresql://db/risks",
    ),
    "RE-505": Entry(
        "The tables are newer than this riskengine",
        "A newer version has changed the tables. Nothing is read or written by one that doesn't know them.",
        "riskengine history list",
        "pip install --upgrade riskengine",
    ),
    "RE-506": Entry(
        "An assessment without name or day",
        "The history tells projects apart by their names, and what was known early from what was known late by the "
        "day of the answers. A name is at most 200 characters that can be typed.",
        "riskengine history add answers.yaml",
        "riskengine history add answers.yaml --project 'Churn model' --date 2026-02-01",
    ),
    "RE-507": Entry(
        "No such project in the history",
        "No assessment has this name, whatever the case of its letters.",
        "riskengine history outcome 'Chrun model' failed --on 2026-03-31",
        "riskengine history outcome 'Churn model' failed --on 2026-03-31",
    ),
    "RE-508": Entry(
        "Another outcome is there already",
        "A project has one outcome. One that was a mistake is corrected on purpose, and kept.",
        "riskengine history outcome 'Churn model' succeeded --on 2026-03-31",
        "riskengine history outcome 'Churn model' succeeded --on 2026-03-31 --correct",
    ),
    "RE-509": Entry(
        "No outcome",
        "A project succeeded or failed, on a day that has come; one that failed may have ended in one of the pack's "
        "ways.",
        "riskengine history outcome 'Churn model' succeeded --end cancelled --on 2026-03-31",
        "riskengine history outcome 'Churn model' failed --end cancelled --on 2026-03-31",
    ),
    "RE-510": Entry(
        "Nothing to correct",
        "The id is none of an assessment of this project. `riskengine history show` lists them.",
        "riskengine history add answers.yaml --corrects 1",
        "riskengine history add answers.yaml --corrects 3f2a90c1d54e4b7f8a6d0e1b2c3d4e5f",
    ),
    "RE-511": Entry(
        "No whole assessment",
        "The file looks like what `assess --json` prints, but something is missing or was changed, or it comes from a "
        "version that did not write the answers down.",
        "(an assessment of which a part was cut out)",
        "riskengine history add answers.yaml",
    ),
    "RE-512": Entry(
        "Nothing that can be copied",
        "`history backup` copies a file to another file. A server has tools of its own, such as `pg_dump`; "
        "`history export --everything` works everywhere.",
        "riskengine history backup copy.db --history postgresql://db/risks",
        "riskengine history export --everything -o copy.jsonl --history postgresql://db/risks",
    ),
    "RE-513": Entry(
        "No record of a history",
        "A line of the file is none that `history export --everything` writes. Nothing of the file was taken over.",
        "riskengine history restore history.csv",
        "riskengine history restore history.jsonl",
    ),
    "RE-514": Entry(
        "A table of the past that can't be taken over",
        "Each row needs the project's name and the day of the answers, and with an outcome the day on which it was "
        "known: answers from that day on teach nothing about foresight. Nothing of the table was taken over.",
        "project,date,outcome,ended\nChurn,01.02.2025,failed,",
        "project,date,outcome,ended\nChurn,2025-02-01,failed,2026-03-31",
    ),
    "RE-515": Entry(
        "Deleting needs a yes",
        "What is deleted can't be brought back, and without a terminal nobody can be asked.",
        "riskengine history delete 'Churn model' < /dev/null",
        "riskengine history delete 'Churn model' --yes",
    ),
    "RE-516": Entry(
        "No such stage",
        "Of several assessments of a project counts the first (`start`), the last before the outcome (`latest`), or "
        "the last one up to a day.",
        "riskengine history export -o table.csv --stage first",
        "riskengine history export -o table.csv --stage start",
    ),
    "RE-517": Entry(
        "Deleted, but traces may be left",
        "The records are gone, but the file can't be written anew and its log not cut off yet: another process is "
        "reading it, or the disk is full.",
        "(a delete while another program has the file open)",
        "riskengine history delete --traces",
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
        "On the answers of this row all findings together move by less than 0.05 in log-odds, so it can teach nothing "
        "about the rules.",
        "(a row with a single answer that no rule weighs)",
        "(a row with answers that rules weigh)",
        severity="warning",
    ),
    "RE-606": Entry(
        "Projects with one outcome only",
        "All projects of the history failed, or none did. Such a history says something about how many fail, and "
        "nothing about which: the weights stay those of the rules.",
        "outcome\nfailed\nfailed",
        "outcome\nfailed\nsucceeded",
        severity="warning",
    ),
    "RE-607": Entry(
        "A project twice",
        "Two rows have the same `project`. The project would count twice, and training and testing would share it.",
        "project,outcome\nmars,failed\nmars,failed",
        "project,outcome\nmars,failed",
    ),
    "RE-608": Entry(
        "Two outcomes of one project",
        "Two rows of one `project` end differently, so one of them is wrong.",
        "project,outcome\nmars,failed\nmars,succeeded",
        "project,outcome\nmars,failed",
    ),
    "RE-609": Entry(
        "Very little history",
        "With fewer than ten projects of one's own the model is the rules, but for the base rate. It is written "
        "nevertheless, and it does no harm.",
        "(a history of three projects)",
        "(the same, with the projects that have ended since)",
        severity="warning",
    ),
    "RE-610": Entry(
        "The same answer everywhere",
        "All projects of the history gave this answer. Nothing can be learnt about it, and the weight of the rules "
        "about it stays as it is.",
        "outcome,stage\nfailed,idea\nsucceeded,idea",
        "outcome,stage\nfailed,idea\nsucceeded,building",
        severity="warning",
    ),
    "RE-611": Entry(
        "Assessed with another pack",
        "The row names another pack than the one in use, so its answers are answers to other questions.",
        "(a row with `pack` house-rules, trained with the shipped rules)",
        "riskengine model train history.csv --rules house-rules -o model.json",
    ),
    "RE-612": Entry(
        "Answered to another state of the pack",
        "The answers were given when the pack had other questions or rules. They are read anew by the rules of today. "
        "Look for questions whose meaning has changed since.",
        "(a row whose `meaning_hash` is not that of the pack)",
        "(the same row, its answers looked through)",
        severity="warning",
    ),
    "RE-613": Entry(
        "No projects to judge by",
        "Evaluation and drift need projects of one's own with their outcomes, one a row or as a whole `count`, at "
        "least one failed and one succeeded. Published counts say nothing about how well single projects are told "
        "apart.",
        "riskengine model evaluate data/outcomes.csv",
        "riskengine model evaluate history.csv",
    ),
    "RE-614": Entry(
        "A share of all projects that can't be",
        "`--true-rate` is the share of failures among all projects, of which the history is a selection. It means "
        "something only for a history with failures and successes.",
        "riskengine model train history.csv -o model.json --true-rate 30",
        "riskengine model train history.csv -o model.json --true-rate 0.3",
    ),
    "RE-615": Entry(
        "Left out of the history",
        "Rows that were answered on the day of the outcome or later are not learned from: they tell hindsight, not "
        "foresight. The rest is used.",
        "date,ended\n2026-05-01,2026-03-01",
        "date,ended\n2025-05-01,2026-03-01",
        severity="warning",
    ),
    "RE-616": Entry(
        "No departments to tell apart",
        "`--departments` learns a level for each department, programme or other part of the house. That takes projects "
        "of at least two of them, and of 200 at most; the column `department` names them.",
        "outcome,stage\nfailed,idea\nsucceeded,idea",
        "outcome,department,stage\nfailed,North,idea\nsucceeded,South,idea",
    ),
    "RE-701": Entry(
        "A gate that the format can't hold",
        "JSON Schema can neither calculate, as a gate on a quantity needs it, nor choose among very many combinations. "
        "The schema lets the question be answered wherever the rest of its gate holds; where `riskengine` would not "
        "ask it, it ignores the answer, with a warning.",
        "ask_when: {months: {above: 12}}  # months is a ratio of two answers",
        "ask_when: {work: {above: 24}}",
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
        "The value of an option is not one that can be used, or two options don't go together.",
        "--base-rate 40",
        "--base-rate 0.4",
    ),
    "RE-805": Entry(
        "No such rule, question or area",
        "The pack has nothing of this id.",
        "riskengine explain answers.yaml thin-taem",
        "riskengine explain answers.yaml thin-team",
    ),
    "RE-806": Entry(
        "Another run than the one that stopped",
        "`--resume` goes on with the same tables, pack, model and options only: else the first part of the output "
        "would not fit the second.",
        "riskengine score new.csv -o scored.csv --resume",
        "riskengine score new.csv -o scored.csv",
    ),
    "RE-807": Entry(
        "Another run is writing this output",
        "Two runs at once would write into one another.",
        "(the same command twice)",
        "(the second once the first is done, or with another output)",
    ),
    "RE-808": Entry(
        "No table of this name",
        "No file matches the name or pattern.",
        "riskengine score 'data/*.cvs' -o scored.csv",
        "riskengine score 'data/*.csv' -o scored.csv",
    ),
    "RE-809": Entry(
        "Options that need one another",
        "One of the options means nothing without another one, or for a table of this format, or contradicts another.",
        "riskengine score a.csv -o b.csv --max-rise 0.1",
        "riskengine score a.csv -o b.csv --max-rise 0.1 --against last.csv",
    ),
    "RE-810": Entry(
        "No column to tell projects apart",
        "Gates that name projects, or compare them with the last run, need a column of names: `project` or `name`, or "
        "the one of `--key`.",
        "riskengine score a.csv -o b.csv --max-rise 0.1 --against last.csv --key ID",
        "riskengine score a.csv -o b.csv --max-rise 0.1 --against last.csv --key id",
    ),
    "RE-811": Entry(
        "No such risk level",
        "The pack has no risk level of this name.",
        "--fail-level hihg",
        "--fail-level high",
    ),
    "RE-900": Entry(
        "Our own bug",
        "Something happened that should not be possible. The traceback says where; please report it.",
        "(none)",
        "(none)",
    ),
}
