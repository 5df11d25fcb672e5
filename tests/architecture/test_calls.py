"""The walker that the laws about views stand on sees what a function comes to, and takes nothing else for it."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest

import crm.core.clock
from crm.core import clock
from crm.core.clock import today as this_day
from tests.support.calls import above_the_kernel, named_by, reached


def _by_its_module() -> Any:
    return clock.today()


def _under_another_name() -> Any:
    return this_day()


def _inside() -> Any:
    return lambda: [clock.today() for _ in range(2)]


def _through_two_modules() -> Any:
    return crm.core.clock.today()


def _given_away() -> Iterator[Any]:
    yield from map(clock.today, ("UTC",))


def _of_the_same_name(other: Any) -> Any:
    clock.now()
    return other.today()


@pytest.mark.parametrize("function", [_by_its_module, _under_another_name, _through_two_modules, _inside, _given_away])
def test_what_is_named_is_found_however_it_is_spelt(function: FunctionType) -> None:
    assert clock.today in named_by(function)


def test_another_thing_of_the_same_name_is_none() -> None:
    assert clock.today not in named_by(_of_the_same_name)


def _first() -> Any:
    return _second()


def _second() -> Any:
    return _first(), _by_its_module()


def test_it_goes_as_far_as_it_is_told_and_not_in_circles() -> None:
    assert reached(_first, lambda one: one.__module__ == __name__) == {_first, _second, _by_its_module}
    assert reached(_first, lambda one: one is _first) == {_first}
    assert not above_the_kernel(clock.today) and reached(_first) == set()
