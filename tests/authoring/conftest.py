"""The packs of the page on writing packs, which several of these tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs.packs_page import write_packs

from riskengine.pack.model import Pack
from riskengine.pack.read import read_pack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    write_packs(folder)
    return folder


@pytest.fixture(scope="module")
def bakery(folder: Path) -> Pack:
    return read_pack(folder / "bakery")
