"""Converters: what platforms write for numbers, moments, texts and truth."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.payloads.values import (
    Unreadable,
    decimal,
    flag,
    is_said,
    json_text,
    key_text,
    known_text,
    moment,
    number,
    number_above_zero,
    shown,
    text,
    verbatim,
    whole_32,
    whole_64,
)


def named(value: Any) -> str:
    """A test's case by what it tries: 7 and "7" are two."""
    return getattr(value, "__name__", None) or repr(value)


NOON = "2025-03-20T12:00:00.000000+00:00"


@pytest.mark.parametrize(
    ("read", "said", "kept"),
    [
        (whole_32, 7, 7),
        (whole_32, "7", 7),
        (whole_32, " -7 ", -7),
        (whole_32, Decimal("7.0"), 7),
        (whole_32, "", None),
        (whole_32, None, None),
        (whole_64, 2**63 - 1, 2**63 - 1),
        (number, "0.25", 0.25),
        (number, 3, 3.0),
        (decimal, "0.100", "0.1"),
        (decimal, Decimal("1E+2"), "100"),
        (decimal, 10, "10"),
        (flag, "true", True),
        (flag, 0, False),
        (flag, None, None),
        (text, 0, "0"),
        (text, Decimal("0.10"), "0.10"),
        (text, True, "true"),
        (known_text, 0, None),
        (known_text, "E-7", "E-7"),
        (json_text, {"filter": [Decimal("0.5")]}, '{"filter":[0.5]}'),
        (json_text, '{"a": 1}', '{"a": 1}'),
        (number_above_zero, "70", "70"),
        (number_above_zero, 0, None),
        (number_above_zero, None, None),
    ],
    ids=named,
)
def test_a_value_is_kept_as(read: Callable[[Any], Any], said: Any, kept: Any) -> None:
    assert read(said) == kept
    assert type(read(said)) is type(kept)


@pytest.mark.parametrize(
    "said",
    [
        "2025-03-20T12:00:00.000Z",
        "2025-03-20T12:00:00",
        "2025-03-20T13:30:00+01:30",
        "2025-03-20 12:00:00.000000+00",
        1742472000000,
        "1742472000000",
        Decimal("1742472000000.0"),
        1742472000,
        "1742472000",
    ],
    ids=named,
)
def test_every_form_of_a_moment_means_the_same(said: Any) -> None:
    assert moment(said) == NOON


@pytest.mark.parametrize("said", [None, 0, "0", ""], ids=named)
def test_no_moment_is_none(said: Any) -> None:
    assert moment(said) is None


def test_milliseconds_are_kept() -> None:
    assert moment(1742472000815) == "2025-03-20T12:00:00.815000+00:00"
    assert moment("2025-03-20T12:00:00.815Z") == moment(1742472000815)


@pytest.mark.parametrize(
    ("read", "said", "reason"),
    [
        (whole_32, "x", "expected a whole number, got 'x'"),
        (whole_32, True, "expected a whole number, got true"),
        (whole_32, "1.5", "expected a whole number, got '1.5'"),
        (whole_32, 2**31, "expected a whole number of 32 bits, got 2147483648"),
        (whole_64, 2**63, "expected a whole number of 64 bits, got 9223372036854775808"),
        (whole_32, [1], "expected a whole number, got a list"),
        (number, "NaN", "expected a number, got 'NaN'"),
        (number, "Infinity", "expected a number, got 'Infinity'"),
        (number, Decimal("1E+999"), "expected a number in the range of 64 bits, got 1E+999"),
        (decimal, "ten", "expected a decimal number, got 'ten'"),
        (decimal, "1e999999", "expected a decimal number of a size that can be written down"),
        (flag, "perhaps", "expected true or false, got 'perhaps'"),
        (flag, 2, "expected true or false, got 2"),
        (text, {"a": 1}, "expected a text, got an object"),
        (moment, "yesterday", "expected a moment, got 'yesterday'"),
        (moment, True, "expected a moment, got true"),
        (moment, 10**18, "expected a moment, got 1000000000000000000"),
        (moment, "0001-01-01T00:00:00+14:00", "expected a moment"),
        (key_text, "é" * 1001, "expected a text of at most 2000 bytes"),
    ],
    ids=named,
)
def test_a_value_of_another_kind_is_refused(
    read: Callable[[Any], Any], said: Any, reason: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read(said)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize("said", [{}, [None], [None, None], [{}]], ids=named)
def test_nothing_is_said_by(said: Any) -> None:
    assert not is_said(said)


@pytest.mark.parametrize("said", [None, 0, "", False, [], [None, 1], {"a": None}], ids=named)
def test_something_is_said_by(said: Any) -> None:
    assert is_said(said)


def test_what_no_64_bits_hold_is_kept_as_text() -> None:
    said = {"a": [2**64, Decimal("1E+999"), Decimal("0.5"), 7]}
    assert verbatim(said) == {"a": ["18446744073709551616", "1E+999", 0.5, 7]}


def test_a_long_value_is_shown_by_its_beginning() -> None:
    assert shown("x" * 500) == "'" + "x" * 59 + "…"


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_is_the_same_in_every_zone(said: Any) -> None:
    try:
        kept = moment(said.isoformat())
    except Unreadable:
        assert said.year in {1, 9999}
        return
    assert kept is not None
    assert kept.endswith("+00:00")
    assert moment(kept) == kept
