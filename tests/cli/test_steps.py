"""Progress of long runs: lines on standard error where it is no terminal, and none of a short run."""

from __future__ import annotations

from riskengine.cli.model.steps import EVERY, steps_bar


def test_where_there_is_no_terminal_lines_say_how_far_it_is(capsys):
    with steps_bar("evaluating", every=0.0) as tell:
        tell(1, 50)
        tell(2, 50)
    said = capsys.readouterr()
    assert said.err.splitlines() == ["evaluating: 1 of 50 fits", "evaluating: 2 of 50 fits"]
    assert said.out == ""


def test_a_short_run_says_nothing(capsys):
    with steps_bar("training", every=3600.0) as tell:
        tell(1, 1)
    assert capsys.readouterr().err == ""
    assert EVERY >= 10
