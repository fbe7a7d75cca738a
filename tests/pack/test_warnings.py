"""What is allowed in a pack, and most often not meant, is warned of and loaded all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults import BASE, WARNED, expected, found, stand_up

from riskengine.errors import CATALOGUE
from riskengine.pack.locate import shipped
from riskengine.pack.read import read_pack
from riskengine.pack.warnings import warnings_of


@pytest.mark.parametrize("case", WARNED)
def test_a_doubtful_pack_is_loaded_with_exactly_its_warnings(case: str, tmp_path: Path) -> None:
    folder = stand_up(case, tmp_path, "warned")
    warnings = warnings_of(read_pack(folder))
    assert found(tuple(warnings), folder) == expected(folder)
    for one in warnings:
        assert one.severity == "warning"
        assert one.help


def test_every_warning_about_packs_has_an_example() -> None:
    shown = {name[:6] for name in WARNED}
    assert {code for code, entry in CATALOGUE.items() if code[3] in "12" and entry.severity == "warning"} == shown


@pytest.mark.parametrize("folder", [BASE, shipped("rules")], ids=["tiny", "shipped"])
def test_a_pack_in_order_has_none(folder: Path) -> None:
    assert warnings_of(read_pack(folder)) == []
