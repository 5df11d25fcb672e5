"""What somebody may try who is not to see or to enter has a test of its number."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.imports import source_files, tree_of

CASES = (*range(1, 12), *range(20, 29))
"""Confidentiality, letters edited past us, links and accounts."""


def _tests() -> set[str]:
    trees = [tree_of(path) for path in source_files("tests/abuse") if path.name.startswith("test_")]
    return {one.name for tree in trees for one in tree.body if isinstance(one, ast.FunctionDef)}


@pytest.mark.parametrize("number", CASES)
def test_every_case_is_tried(number: int) -> None:
    assert [one for one in _tests() if one.startswith(f"test_s{number:02}_")]
