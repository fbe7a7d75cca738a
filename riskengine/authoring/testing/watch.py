"""Waits for a pack's files to change: its own, those of its tests, and those of the packs that it extends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from riskengine.errors import ProblemError
from riskengine.pack.read import MAX_JSON_BYTES, chain_of, is_folder
from riskengine.pack.source import read_bytes

__all__ = ["changes"]

_LOOK_AGAIN = 1000
"""Milliseconds after which contents are compared even though no change was announced, as on network drives."""


def changes(pack: Path) -> Iterator[tuple[Path, ...]]:
    """Give, each time that files of a pack were changed, which; at once and empty the first time.

    Contents count, not times: saving the same text again is no change.

    Args:
        pack: The folder of a pack, or its one-file JSON.

    Yields:
        Files that were changed, added or removed. It ends when the pack itself is gone.
    """
    if not pack.exists():
        return
    before = _contents(pack)
    yield ()
    for now in _looks(pack):
        changed = tuple(path for path in sorted({*before, *now}) if before.get(path) != now.get(path))
        before = now
        if changed:
            yield changed


def _looks(pack: Path) -> Iterator[Mapping[Path, bytes]]:
    """Give the contents of all files after each change, and now and then without one, until the pack is gone."""
    from watchfiles import watch

    while pack.exists():
        try:
            # a pack that is extended only since now is not watched, and is looked at all the same
            for _ in watch(
                *_watched(pack), watch_filter=None, debounce=200, rust_timeout=_LOOK_AGAIN, yield_on_timeout=True
            ):
                if not pack.exists():
                    return
                yield _contents(pack)
        except FileNotFoundError:
            # a folder went away in this very moment
            continue


def _watched(pack: Path) -> tuple[Path, ...]:
    return tuple(path for path in chain_of(pack) if path.exists())


def _contents(pack: Path) -> Mapping[Path, bytes]:
    found: dict[Path, bytes] = {}
    for one in _watched(pack):
        files = [path for end in ("yaml", "yml") for path in one.rglob(f"*.{end}")] if is_folder(one) else [one]
        for path in files:
            try:
                found[path] = hashlib.sha256(read_bytes(path, limit=MAX_JSON_BYTES)).digest()
            except ProblemError:
                # a run says what is wrong with it
                found[path] = b""
    return found
