"""Converters: what a platform says → what a column holds, in a form that JSON can carry.

Moments become ISO texts in UTC and decimals their plain digits, so that a value can wait in the
staging place; `decoder` turns both back. A converter answers None for null and raises Unreadable.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Enum, Float, Integer, Text
from sqlmodel.sql.sqltypes import UTCDateTime

from models.base import DecimalText, plain

type_of = type  # `type` is what columns and payloads have

Reader = Callable[[Any], Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_END = 10**11
"""A count below this is in seconds (until the year 5138), from here on in milliseconds."""

LONGEST_KEY = 2_000
"""Bytes of an indexed text: PostgreSQL cannot index a longer one."""

FLAGS = {"true": True, "1": True, "false": False, "0": False}
SHOWN = 60


class Unreadable(ValueError):
    """A value is not what its place takes; the message says both."""

    def __init__(self, expected: str, value: Any) -> None:
        super().__init__(f"expected {expected}, got {shown(value)}")


def shown(value: Any) -> str:
    """A value in a message: short, and named by its JSON type where it is long."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def text(value: Any) -> str | None:
    """A text; a number or a truth value becomes its digits or its word."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | Decimal):
        return str(value)
    raise Unreadable("a text", value)


def key_text(value: Any) -> str | None:
    """A text that is indexed, and therefore not too long."""
    found = text(value)
    if found is not None and len(found) * 4 > LONGEST_KEY and len(found.encode()) > LONGEST_KEY:
        raise Unreadable(f"a text of at most {LONGEST_KEY} bytes", value)
    return found


def identifier(value: Any) -> str | None:
    """The external id of a platform that writes ids as texts: None when it is missing or empty."""
    return key_text(value) or None


def known_text(value: Any) -> str | None:
    """A text; 0 and an empty one mean unknown."""
    found = text(value)
    return None if found in {"0", ""} else found


def json_text(value: Any) -> str | None:
    """A JSON document as text: as it came, or written down when it came as a value."""
    if isinstance(value, dict | list):
        return json.dumps(verbatim(value), ensure_ascii=False, separators=(",", ":"))
    return text(value)


def whole(bits: int) -> Reader:
    """Whole numbers of a column's size, from numbers and from digits in a text."""
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1)

    def read(value: Any) -> int | None:
        if type_of(value) is int and low <= value < high:
            return int(value)
        number = _decimal(value, "a whole number")
        if number is None:
            return None
        if number != number.to_integral_value():
            raise Unreadable("a whole number", value)
        if not low <= number < high:
            raise Unreadable(f"a whole number of {bits} bits", value)
        return int(number)

    return read


whole_32, whole_64 = whole(32), whole(64)


def number(value: Any) -> float | None:
    """A number, also from a text."""
    exact = _decimal(value, "a number")
    if exact is None:
        return None
    found = float(exact)
    if not isfinite(found):
        raise Unreadable("a number in the range of 64 bits", value)
    return found


def decimal(value: Any) -> str | None:
    """An exact decimal, as its plain digits."""
    exact = _decimal(value, "a decimal number")
    if exact is None:
        return None
    if abs(exact.adjusted()) > LONGEST_KEY:
        raise Unreadable("a decimal number of a size that can be written down", value)
    return plain(exact)


def flag(value: Any) -> bool | None:
    """A truth value, also as 0 or 1 and as a word."""
    if value is None or isinstance(value, bool):
        return value
    found = FLAGS.get(str(value).lower()) if isinstance(value, int | str) else None
    if found is None:
        raise Unreadable("true or false", value)
    return found


def moment(value: Any) -> str | None:
    """A moment in UTC: ISO 8601 (without a zone it is UTC), or a count since 1970; 0 is none."""
    return _moment(value) if isinstance(value, str) else _moment.__wrapped__(value)


@lru_cache(maxsize=4096)
def _moment(value: Any) -> str | None:
    try:
        if isinstance(value, str) and value and not re.fullmatch(r"-?\d+(\.\d+)?", value):
            found = datetime.fromisoformat(value)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        else:
            count = _decimal(value, "a moment")
            if not count:
                return None
            unit = "seconds" if abs(count) < SECONDS_END else "milliseconds"
            found = EPOCH + timedelta(**{unit: int(count) if count == int(count) else float(count)})
    except (ValueError, OverflowError) as error:
        raise Unreadable("a moment", value) from error
    return found.isoformat(timespec="microseconds")


def verbatim(value: Any) -> Any:
    """A JSON value as it came; only a number that no 64 bits hold becomes a text."""
    if isinstance(value, dict):
        return {key: verbatim(item) for key, item in value.items()}
    if isinstance(value, list):
        return [verbatim(item) for item in value]
    if isinstance(value, Decimal):
        found = float(value)
        return found if isfinite(found) else str(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def is_said(value: Any) -> bool:
    """Whether a value says anything: an empty object and a list of nulls do not; null does."""
    if isinstance(value, list):
        return not value or any(item is not None and item != {} for item in value)
    return bool(value != {})


def document(value: Any) -> Any:
    """A JSON object, verbatim."""
    if value is not None and not isinstance(value, dict):
        raise Unreadable("an object", value)
    return verbatim(value)


def number_above_zero(value: Any) -> str | None:
    """The external id of a platform that counts from 1: None when it is missing or 0."""
    found = whole_64(value)
    return str(found) if found is not None and found >= 1 else None


def word(words: Mapping[str, str | None], otherwise: str | None) -> Reader:
    """A word of an enum; one that is not in the table becomes ``otherwise``."""

    def read(value: Any) -> str | None:
        said = text(value)
        return None if said is None else words.get(said.lower(), otherwise)

    return read


def reader_of(column: Column[Any]) -> Reader:
    """The converter that a column's type asks for."""
    if type_of(column.type) is Text and column.index:
        return key_text
    return READERS[type_of(column.type)]


def decoder_of(column: Column[Any]) -> Reader | None:
    """What turns a staged value of this column into what the database takes, if not itself."""
    return DECODERS.get(type_of(column.type))


def _decimal(value: Any, expected: str) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Unreadable(expected, value)
    try:
        found = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation as error:
        raise Unreadable(expected, value) from error
    if not found.is_finite():
        raise Unreadable(expected, value)
    return found


def _optional(read: Callable[[str], Any]) -> Reader:
    return lambda value: None if value is None else read(value)


READERS: dict[Any, Reader] = {
    BigInteger: whole_64,
    Boolean: flag,
    DecimalText: decimal,
    Enum: text,
    Float: number,
    Integer: whole_32,
    JSON: verbatim,
    Text: text,
    UTCDateTime: moment,
}

DECODERS: dict[Any, Reader] = {
    DecimalText: _optional(Decimal),
    UTCDateTime: _optional(datetime.fromisoformat),
}
