"""What the fields of an input must be: pure functions of a path and a value. Plain Python.

A rule answers None, or what is wrong. Sources of the numbers: Checkmango's and Auth0's references.
"""

from collections.abc import Callable
from math import isfinite
from typing import Any

from models.arguments import FieldError
from models.readiness import KEY, LONGEST_KEY

Path = tuple[str, ...]
Rule = Callable[[Path, Any], FieldError | None]

LONGEST_NAME = 400
LONGEST_TEXT = 10_000
MOST_SHOWN = 60


def text_rule(most: int, *, least: int = 0) -> Rule:
    """A text of so many characters, which a database can hold."""

    def check(path: Path, value: Any) -> FieldError | None:
        name = path[-1]
        if len(value) > most:
            message = f"{name} is {len(value)} characters long; {most} is the most."
            return FieldError(path, message, "max_length")
        if len(value.strip()) < least:
            return FieldError(path, f"{name} is empty.", "required")
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            return FieldError(path, f"{name} holds characters that are no text.", "text")
        return None

    return check


def number_rule(least: float, most: float) -> Rule:
    """A number between two bounds, both included."""

    def check(path: Path, value: Any) -> FieldError | None:
        if isfinite(value) and least <= value <= most:
            return None
        message = f"{path[-1]} is {value:g}; it may be {least:g} to {most:g}."
        return FieldError(path, message, "range")

    return check


def checkmango_key(path: Path, value: Any) -> FieldError | None:
    """Checkmango's key rule, anchored at both ends: letters and digits, single underscores."""
    if len(value) > LONGEST_KEY:
        message = f"{path[-1]} is {len(value)} characters long; {LONGEST_KEY} is the most."
        return FieldError(path, message, "max_length")
    if KEY.fullmatch(value):
        return None
    shown = repr(value if len(value) <= MOST_SHOWN else value[:MOST_SHOWN] + "…")
    message = f"{path[-1]} {shown} is not letters and digits joined by single underscores."
    return FieldError(path, message, "key")


name_text = text_rule(LONGEST_NAME, least=1)
key_text = text_rule(LONGEST_KEY, least=1)
long_text = text_rule(LONGEST_TEXT)
share = number_rule(0, 100)
