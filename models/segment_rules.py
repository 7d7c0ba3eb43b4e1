"""What a segment must be on Auth0. Plain Python.

A segment matches where any of its rules does; a rule matches where all of its conditions under
``match`` hold, and none of those under ``not_match``.
"""

from collections.abc import Iterator
from typing import Any

from models.arguments import FieldError
from models.rules import Path, size_of, trimmed_text
from models.shapes import flag, items, members, text

LARGEST_RULE = 4 * 1024
LARGEST_SEGMENT = 10 * 1024
"""Bytes of all rules together."""

segment_name = trimmed_text(3, 255)
segment_description = trimmed_text(3, 1024)

CONDITIONS = (
    "client_id",
    "connection",
    "connection_type",
    "organization_id",
    "domain",
    "device_type",
    "browser",
    "platform",
    "user_agent",
    "country",
    "region",
)
TEXTS = items(text(1024), least=1)
OPERATION = members(
    {},
    {"contains": TEXTS, "starts_with": TEXTS, "ends_with": TEXTS, "exists": flag},
    closed=True,
    least=1,
    most=1,
)


def expression(path: Path, value: Any) -> Iterator[FieldError]:
    """A list of texts, one of which is equal, or one operation."""
    yield from (TEXTS if isinstance(value, list) else OPERATION)(path, value)


MATCHES = members({}, dict.fromkeys(CONDITIONS, expression), closed=True, least=1, most=10)
RULE = members({}, {"match": MATCHES, "not_match": MATCHES}, closed=True, least=1)
RULES = items(RULE, least=1)


def segment_rules(path: Path, value: Any) -> Iterator[FieldError]:
    """The rules of a segment, which is only as large as Auth0 takes it."""
    wrong = list(RULES(path, value))
    yield from wrong
    if wrong:
        return
    for index, rule in enumerate(value):
        yield from _size((*path, str(index)), rule, LARGEST_RULE)
    yield from _size(path, value, LARGEST_SEGMENT)


def _size(path: Path, value: Any, most: int) -> Iterator[FieldError]:
    size = size_of(value)
    if size > most:
        message = f"{'.'.join(path)} is {size} bytes long; {most} is the most."
        yield FieldError(path, message, "max_size")
