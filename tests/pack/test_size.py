import pytest
from random_packs import number, rule, write_pack

from riskengine.errors import ProblemError


def test_a_count_that_would_become_hundreds_of_thousands_of_clauses_is_refused(tmp_path):
    count = {"at_least": 300, "of": [{"n": place} for place in range(600)]}
    with pytest.raises(ProblemError) as refused:
        write_pack(tmp_path, [number("n", 0, 2_000)], [rule("r", count)])
    assert [problem.code for problem in refused.value.problems] == ["RE-214"]


def test_a_long_count_within_the_limit_loads(tmp_path):
    count = {"at_least": 2, "of": [{"n": place} for place in range(1_000)]}
    assert write_pack(tmp_path, [number("n", 0, 2_000)], [rule("r", count)]).rules
