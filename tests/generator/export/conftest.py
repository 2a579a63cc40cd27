"""Forms and their exports, made once."""

from __future__ import annotations

from functools import cache

import pytest

from generator.export.exporting import Export, exports
from tests.generator.export import forms


@cache
def _sample():
    return forms.sample()


@cache
def _bank():
    return forms.whole_bank()


@cache
def _exported(which: str, format_name: str) -> Export:
    (made,) = exports([_sample() if which == "sample" else _bank()], format_name)
    return made


@pytest.fixture(scope="session")
def sample_form():
    return _sample()


@pytest.fixture(scope="session")
def bank_form():
    return _bank()


@pytest.fixture(scope="session")
def memo():
    """The bank's marks of the answers to the whole bank."""
    return {}


@pytest.fixture(scope="session")
def exported():
    """`exported("sample" or "bank", format)`."""
    return _exported
