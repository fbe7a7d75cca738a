"""A pack of three rules, written by hand, for tests that name its lines."""

from __future__ import annotations

from pathlib import Path

from random_packs import choice, number, write_pack, yes_no

__all__ = ["RULES", "write_tiny"]

RULES = """\
area: team
rules:
  - id: thin-team
    title: The team is thin
    when: {team_size: {below: 2}}
    concludes: thin_team
    weight: 0.4
    examples:
      - {answers: {team_size: 1}, state: fires}
      - {answers: {team_size: 5}, state: ruled_out}
  - id: lonely-team
    title: Thin, and nobody's
    when: {has_owner: no, all: [thin_team]}
    weight: 0.3
    examples:
      - {answers: {team_size: 1, has_owner: no}, state: fires}
      - {answers: {team_size: 1}, state: possible}
  - id: live-and-thin
    title: In use, with hardly anybody left
    when: {stage: live, users_each: {above: 100}}
    warns: So many users for so few people?
"""


def write_tiny(folder: Path) -> Path:
    """Write the pack, and give its folder."""
    questions = [
        choice("stage", ("idea", "building", "live"), "none"),
        yes_no("has_owner", "no"),
        number("team_size", 0.5, 50, "low"),
        number("users", 0, 100_000, "low", may_not_apply=True, ask_when={"stage": "live"}),
    ]
    rules = [{"id": "any", "area": "team", "title": "Any", "when": {"has_owner": "no"}, "weight": 0.1}]
    write_pack(folder, questions, rules, [{"id": "users_each", "text": "Users", "ratio": ["users", "team_size"]}])
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    return folder
