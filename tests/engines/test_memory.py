"""Five thousand assessments in one process leave its memory as it was."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import psutil
import pytest
from random_packs import random_answers

import riskengine

MEBIBYTE = 2**20


@pytest.mark.slow
@pytest.mark.skipif(
    sys.version_info >= (3, 13),
    reason="durable-rules, whose memory is in question, cannot be imported on Python 3.13 and newer",
)
def test_memory_stays_flat_over_5000_assessments_on_durable_rules() -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context, max_tasks_per_child=1) as pool:
        early, late, engines = pool.submit(resident_sizes, 500, 5_000).result()
    assert engines == {"durable-rules"}
    assert late - early < 10 * MEBIBYTE, f"{early / MEBIBYTE:.1f} MiB after 500, {late / MEBIBYTE:.1f} after 5,000"


def resident_sizes(early: int, late: int) -> tuple[int, int, set[str]]:
    """Assess varied answers, and give the resident size after so many and after so many; runs in a worker process."""
    pack = riskengine.load_pack().pack
    engines, sizes = set(), []
    for count in range(1, late + 1):
        (answers,) = random_answers(pack, count, 1)
        engines.add(riskengine.assess(answers, explain=False).versions.engine)
        if count in (early, late):
            gc.collect()
            sizes.append(psutil.Process().memory_info().rss)
    return sizes[0], sizes[1], engines
