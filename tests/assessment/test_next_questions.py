from random_packs import rule, write_pack, yes_no

from riskengine.assessment.next_questions import next_questions
from riskengine.assessment.score import Centre


def test_open_gates_of_answered_questions_come_first_in_the_order_of_the_pack(tmp_path):
    gates = [yes_no(f"gate_{letter}") for letter in "abcdef"]
    behind = [yes_no(f"q_{letter}", ask_when={f"gate_{letter}": "yes"}) for letter in "abcdef"]
    rules = [rule("r", {"telling": "yes"}), *(rule(f"r-{one}", {f"q_{one}": "yes"}, weight=0) for one in "abcdef")]
    pack = write_pack(tmp_path, [*gates, *behind, yes_no("telling")], rules)
    ids = [one.id for one in pack.rules]
    found = next_questions(
        pack, Centre(1.0, dict.fromkeys(ids, 0.5)), dict.fromkeys(ids, 1.0), {f"q_{one}": "no" for one in "abcdef"}, 7
    )
    assert [one.question for one in found] == [*(f"gate_{one}" for one in "abcdef"), "telling"]
