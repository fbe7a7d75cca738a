"""Tests of a pack: the examples of its rules, and its `*.test.yaml` files."""
