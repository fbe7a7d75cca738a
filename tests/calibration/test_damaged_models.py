"""Model files: refused when they are not what was written, and whole or not at all when they are written."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys

import pytest

from riskengine.assessment.model_file import model_to_json, read_model
from riskengine.calibration.train import train
from riskengine.errors import ProblemError
from tests.calibration.house import projects, table
from tests.cli.run import nothing_but


@pytest.fixture
def whole(read, small, tmp_path):
    model = train(read(table(projects(40))), small).model
    return {**model_to_json(model), "hash": model.hash}


def refused(path, small):
    with pytest.raises(ProblemError) as error:
        read_model(path, small.pack, small.meaning_hash)
    (problem,) = error.value.problems
    assert problem.help
    return problem


def test_a_whole_file_is_read(whole, small, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps(whole))
    assert read_model(path, small.pack, small.meaning_hash).hash == whole["hash"]


@pytest.mark.parametrize("key", ["base", "moderation", "factors", "range", "reference", "trained_on", "card", "name"])
def test_a_file_that_was_tampered_with_is_refused(whole, small, tmp_path, key):
    path = tmp_path / "m.json"
    changed = json.loads(json.dumps(whole))
    changed[key] = {} if isinstance(changed[key], dict) else "x" if isinstance(changed[key], str) else 0.5
    path.write_text(json.dumps(changed))
    problem = refused(path, small)
    assert problem.code == "RE-602"
    assert "changed or cut off" in problem.message


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("trained_on", "own_projects"), "many"),
        (("trained_on", "period"), ["2020-01-01"]),
        (("trained_on", "rows"), None),
        (("card", "areas", 0, "factor"), [1.0]),
        (("card", "areas", 0, "area"), "nowhere"),
        (("card", "factors", 0, "rule"), "nothing"),
        (("card", "studies"), 5),
        (("ends", "cancelled"), -0.1),
        (("factors", "r0"), -1.0),
        (("moderation",), 1.5),
    ],
)
def test_a_file_that_was_tampered_with_and_signed_anew_is_refused_too(whole, small, tmp_path, where, value):
    changed = json.loads(json.dumps(whole))
    inside = changed
    for key in where[:-1]:
        inside = inside[key]
    inside[where[-1]] = value
    del changed["hash"]
    content = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    path = tmp_path / "m.json"
    path.write_text(json.dumps({**changed, "hash": hashlib.sha256(content.encode()).hexdigest()}))
    problem = refused(path, small)
    assert problem.code == "RE-602"
    assert "hash does not fit" not in problem.message


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_refused(whole, small, tmp_path, share):
    path = tmp_path / "m.json"
    text = json.dumps(whole)
    path.write_text(text[: int(len(text) * share)])
    assert refused(path, small).code == "RE-602"


def test_a_newer_schema_is_refused_with_the_reason(whole, small, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps({**whole, "schema": 2}))
    problem = refused(path, small)
    assert problem.code == "RE-602"
    assert "schema" in problem.message
    assert "riskengine that wrote it" in problem.help


def test_a_model_of_another_pack_is_refused(whole, small, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps(whole))
    with pytest.raises(ProblemError, match="RE-601"):
        read_model(path, small.pack, "0" * 64)


def test_nothing_in_a_file_is_executed(small, tmp_path):
    path, mark = tmp_path / "m.json", tmp_path / "mark"
    path.write_bytes(b"\x80\x04cos\nsystem\n(S'touch " + str(mark).encode() + b"'\ntR.")
    assert refused(path, small).code == "RE-602"
    assert not mark.exists()


KILLED = """
import os, pathlib, signal, sys
from riskengine.cli import main
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "before":
    os.fsync = die
else:
    pathlib.Path.replace = die
main(sys.argv[2:])
"""


@pytest.mark.parametrize("moment", ["before", "at the end"])
def test_killed_while_writing_the_old_model_is_still_in_place(tmp_path, rules_folder, moment):
    history, out, other = tmp_path / "h.csv", tmp_path / "model.json", tmp_path / "cache"
    history.write_text(table(projects(30)))
    out.write_text("the old model")
    # the pack stands built in its cache already, so the only file that is written is the model
    run = [sys.executable, "-c", KILLED, moment, "model", "train", history, "-o", out, "--rules", rules_folder]
    environment = {**os.environ, "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(other))}
    done = subprocess.run([*map(str, run)], capture_output=True, timeout=120, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert out.read_text() == "the old model"


def test_a_model_that_can_not_be_written_is_said_and_nothing_is_left(tmp_path, rules_folder):
    from tests.cli.run import run

    history = tmp_path / "h.csv"
    history.write_text(table(projects(30)))
    done = run("model", "train", history, "-o", tmp_path / "no" / "m.json", "--rules", rules_folder)
    assert (done.returncode, "RE-801" in done.stderr) == (2, True)
    assert nothing_but(tmp_path, "h.csv")
