"""Every faulty pack is refused for exactly what is wrong with it, at the place where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from faults import ANSWERS, BASE, FAULTY, PACKS, expected, found, stand_up

from riskengine.errors import CATALOGUE, ProblemError
from riskengine.pack.read import read_pack


@pytest.mark.parametrize("case", PACKS)
def test_a_faulty_pack_is_refused_for_exactly_its_faults(case: str, tmp_path: Path) -> None:
    folder = stand_up(case, tmp_path)
    with pytest.raises(ProblemError) as caught:
        read_pack(folder)
    assert found(caught.value.problems, folder) == expected(folder)


@pytest.mark.parametrize("case", PACKS)
def test_the_problem_of_a_faulty_pack_says_what_would_be_right(case: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read_pack(stand_up(case, tmp_path))
    for problem in caught.value.problems:
        assert problem.help
        assert problem.message[0] in "`" or problem.message[0].islower()
        assert "\n" not in problem.message + problem.help
        assert not problem.help.endswith(".")
        assert not re.search(r"\b(dict|str|NoneType|int|float|Exception)\b", problem.message + problem.help)


def test_the_base_of_all_faulty_packs_is_correct() -> None:
    assert len(read_pack(BASE).rules) == 3


def test_many_mistakes_over_several_files_come_in_one_run_and_in_the_order_of_the_files(tmp_path: Path) -> None:
    folder = stand_up("many-mistakes", tmp_path)
    with pytest.raises(ProblemError) as caught:
        read_pack(folder)
    places = [(one.source.file, one.source.line, one.source.column) for one in caught.value.problems]
    assert len({file for file, _, _ in places}) == 4
    assert len(places) > 20
    assert places == sorted(places)


def test_every_code_about_packs_and_answers_has_a_faulty_example() -> None:
    files = [path for path in FAULTY.rglob("*") if path.is_file()]
    shown = {code.decode() for path in files for code in re.findall(rb"# expect: (RE-\d{3})", path.read_bytes())}
    assert {code for code in CATALOGUE if code[3] in "123"} <= shown


def test_a_case_is_named_after_what_it_expects() -> None:
    cases = [FAULTY / "packs" / name for name in PACKS] + [FAULTY / "answers" / name for name in ANSWERS]
    for case in cases:
        if case.name.startswith("RE-"):
            assert case.name[:6] in {code for _, code, _, _ in expected(case)}
