"""What the fields of an input must be: pure functions of a path and a value. Plain Python.

A rule answers None, or what is wrong. Sources of the numbers: the platforms' references.
"""

import json
import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from models.arguments import FieldError
from models.readiness import KEY, LONGEST_KEY

Path = tuple[str, ...]
Rule = Callable[[Path, Any], FieldError | None]

LONGEST_NAME = 400
LONGEST_TEXT = 10_000
LONGEST_ADDRESS = 254
LONGEST_URL = 2_000
LONGEST_BRIEF = 400
MOST_WORDS = 200
LARGEST_DOCUMENT = 64 * 1024
DEEPEST_DOCUMENT = 20
LARGEST_WHOLE = 2**63 - 1
MOST_SHOWN = 60

UNSTORABLE = re.compile("[\\0\\ud800-\\udfff]")
ADDRESS = re.compile(
    r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}@"
    r"(?!-)([^\W_]|-){1,63}(?<!-)(\.(?!-)([^\W_]|-){1,63}(?<!-))+",
)
"""The plain shape of a mail address; whether it takes mail, only a mail can tell."""


def text_rule(most: int, *, least: int = 0) -> Rule:
    """A text of so many characters, which a database can hold."""

    def check(path: Path, value: Any) -> FieldError | None:
        name = path[-1]
        if len(value) > most:
            message = f"{name} is {len(value)} characters long; {most} is the most."
            return FieldError(path, message, "max_length")
        if len(value.strip()) < least:
            return FieldError(path, f"{name} is empty.", "required")
        if not is_text(value):
            return FieldError(path, f"{name} holds characters that are no text.", "text")
        return None

    return check


def trimmed_text(least: int, most: int) -> Rule:
    """A text of so many characters without blanks around it."""
    bounded = text_rule(most)

    def check(path: Path, value: Any) -> FieldError | None:
        if error := bounded(path, value):
            return error
        if len(value) < least:
            message = f"{path[-1]} is {len(value)} characters long; {least} is the least."
            return FieldError(path, message, "min_length")
        if value != value.strip():
            return FieldError(path, f"{path[-1]} begins or ends with a blank.", "trimmed")
        return None

    return check


def words(path: Path, value: Any) -> FieldError | None:
    """A list of different words."""
    if len(value) > MOST_WORDS:
        message = f"{path[-1]} lists {len(value)}; {MOST_WORDS} is the most."
        return FieldError(path, message, "max_items")
    for index, word in enumerate(value):
        if error := key_text((*path, str(index)), word):
            return error
    if len(set(value)) < len(value):
        return FieldError(path, f"{path[-1]} names one of them twice.", "duplicate")
    return None


def is_text(value: str) -> bool:
    """Whether a database can hold it: no NUL, no half of a character."""
    return UNSTORABLE.search(value) is None


def number_rule(least: float, most: float) -> Rule:
    """A number between two bounds, both included."""

    def check(path: Path, value: Any) -> FieldError | None:
        if isfinite(value) and least <= value <= most:
            return None
        message = f"{path[-1]} is {value:g}; it may be {least:g} to {most:g}."
        return FieldError(path, message, "range")

    return check


def json_rule(
    kind: type[dict[Any, Any]] | type[list[Any]] | None = None,
    *,
    most: int = LARGEST_DOCUMENT,
    deepest: int = DEEPEST_DOCUMENT,
) -> Rule:
    """A JSON document of bounded depth and size, which a database can hold and JSON can say.

    ``kind`` is dict or list where it must be an object or a list; ``most`` counts bytes.
    """

    def check(path: Path, value: Any) -> FieldError | None:
        name = path[-1]
        if kind is not None and not isinstance(value, kind):
            wanted = "an object" if kind is dict else "a list"
            return FieldError(path, f"{name} must be {wanted}.", "type")
        for level, part in _parts(value):
            if level > deepest:
                return FieldError(path, f"{name} has more than {deepest} levels.", "max_depth")
            if isinstance(part, str) and not is_text(part):
                return FieldError(path, f"{name} holds characters that are no text.", "text")
            if not _is_sayable(part):
                return FieldError(path, f"{name} holds a number that is out of range.", "range")
        size = size_of(value)
        if size > most:
            return FieldError(path, f"{name} is {size} bytes long; {most} is the most.", "max_size")
        return None

    return check


def size_of(document: Any) -> int:
    """How many bytes a JSON document takes when it is written without blanks."""
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def _parts(document: Any) -> Iterator[tuple[int, Any]]:
    """Every key and value with its level, without recursion: nobody has looked at the depth yet."""
    waiting = [(1, document)]
    while waiting:
        level, value = waiting.pop()
        yield level, value
        if isinstance(value, dict):
            waiting += [(level, name) for name in value]
            waiting += [(level + 1, inner) for inner in value.values()]
        elif isinstance(value, list):
            waiting += [(level + 1, inner) for inner in value]


def _is_sayable(value: Any) -> bool:
    """Whether a number is finite and has at most 64 bits."""
    if isinstance(value, float):
        return isfinite(value)
    return not isinstance(value, int) or abs(value) <= LARGEST_WHOLE


def mail_address(path: Path, value: Any) -> FieldError | None:
    """A mail address, by its shape."""
    if len(value) <= LONGEST_ADDRESS and is_text(value) and ADDRESS.fullmatch(value):
        return None
    return FieldError(path, f"{path[-1]} {_shown(value)} is no mail address.", "email")


def web_address(path: Path, value: Any) -> FieldError | None:
    """An address that a browser fetches, and that runs nothing: http or https."""
    message = f"{path[-1]} {_shown(value)} is no address that begins with http:// or https://."
    wrong = FieldError(path, message, "url")
    if len(value) > LONGEST_URL or not is_text(value) or any(map(str.isspace, value)):
        return wrong
    try:
        parts = urlsplit(value)
    except ValueError:
        return wrong
    return None if parts.scheme in {"http", "https"} and parts.hostname else wrong


def checkmango_key(path: Path, value: Any) -> FieldError | None:
    """Checkmango's key rule, anchored at both ends: letters and digits, single underscores."""
    if len(value) > LONGEST_KEY:
        message = f"{path[-1]} is {len(value)} characters long; {LONGEST_KEY} is the most."
        return FieldError(path, message, "max_length")
    if KEY.fullmatch(value):
        return None
    message = f"{path[-1]} {_shown(value)} is not letters and digits joined by single underscores."
    return FieldError(path, message, "key")


def _shown(value: str) -> str:
    return repr(value if len(value) <= MOST_SHOWN else value[:MOST_SHOWN] + "…")


name_text = text_rule(LONGEST_NAME, least=1)
key_text = text_rule(LONGEST_KEY, least=1)
brief_text = text_rule(LONGEST_BRIEF)
long_text = text_rule(LONGEST_TEXT)
note_text = text_rule(LONGEST_TEXT, least=1)
share = number_rule(0, 100)
