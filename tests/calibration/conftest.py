"""One small pack for all tests of training, evaluation and drift."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from riskengine.assessment.build import BuiltPack
from riskengine.calibration.history import History, read_history
from tests.calibration.house import house


@pytest.fixture(scope="session")
def rules_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house") / "rules"
    house(folder)
    return folder


@pytest.fixture(scope="session")
def small(rules_folder: Path) -> BuiltPack:
    return house(rules_folder)


@pytest.fixture
def read(tmp_path: Path, small: BuiltPack) -> Callable[..., History]:
    def read_text(text: str, keep: tuple[str, ...] = ()) -> History:
        path = tmp_path / "history.csv"
        path.write_text(text, encoding="utf-8")
        return read_history(path, small.pack, keep)

    return read_text
