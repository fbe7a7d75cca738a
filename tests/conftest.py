"""Its place makes `tests/` a folder that tests import their helpers from: `oracle`, `random_packs`."""
