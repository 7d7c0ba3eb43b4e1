"""What a body may hold: every key is known and every value of its shape, or it is refused."""

import json
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from tests.platforms.auth0.state import State
from tests.platforms.standin import Row

TEXT = re.compile(r"\A(?!.*\x00)\S(.*\S)?\Z", re.DOTALL)
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "array": list,
    "object": dict,
}
CONDITIONS = frozenset(
    {
        *("client_id", "connection", "connection_type", "organization_id", "domain"),
        *("device_type", "browser", "platform", "user_agent", "country", "region"),
    }
)
EXPRESSIONS = frozenset({"contains", "starts_with", "ends_with"})
FLOWS = frozenset(
    {
        *("authentication", "mfa_enrollment", "mfa_challenge", "password_reset"),
        *("passkey_enrollment", "all"),
    }
)
LARGEST_VALUE, LARGEST_RULE, LARGEST_SEGMENT = 1024, 4096, 10240

Check = Callable[[Any], bool]


def text(least: int, most: int) -> Check:
    """Texts without blanks around them."""
    return lambda value: (
        isinstance(value, str) and least <= len(value) <= most and bool(TEXT.match(value))
    )


def chosen(*words: str) -> Check:
    """One of some words."""
    return lambda value: value in words


def nullable(check: Check) -> Check:
    """The same, or null."""
    return lambda value: value is None or check(value)


def whole(value: Any) -> bool:
    """A whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def levels(value: Any) -> bool:
    """Whole numbers from 0 to 100."""
    return isinstance(value, list) and all(whole(each) and 0 <= each <= 100 for each in value)


def rising(value: list[int]) -> bool:
    """Whether each number is larger than the one before."""
    return all(low < high for low, high in pairwise(value))


def small(value: Any, most: int = LARGEST_VALUE) -> bool:
    """Whether a document is no larger than that."""
    return len(json.dumps(value).encode()) <= most


def of_kind(kind: str, value: Any) -> bool:
    """Whether a value is of a parameter's type."""
    if isinstance(value, bool) and kind != "boolean":
        return False
    return kind in KINDS and isinstance(value, KINDS[kind]) and small(value)


def parameters(value: Any) -> bool:
    """The parameters of a flag."""
    return (
        isinstance(value, dict)
        and 1 <= len(value) <= 10
        and all(
            isinstance(each, dict)
            and {"type", "value"} <= set(each) <= {"type", "value", "description"}
            and of_kind(each["type"], each["value"])
            for each in value.values()
        )
    )


def overrides(value: Any) -> bool:
    """The overrides of a variation, as far as they can be told without its flag."""
    return isinstance(value, dict) and all(
        isinstance(each, dict) and set(each) == {"value"} for each in value.values()
    )


def rules(value: Any) -> bool:
    """The rules of a segment."""
    return (
        isinstance(value, list)
        and bool(value)
        and small(value, LARGEST_SEGMENT)
        and all(
            isinstance(rule, dict)
            and set(rule) <= {"match", "not_match"}
            and bool(rule)
            and small(rule, LARGEST_RULE)
            and all(_conditions(part) for part in rule.values())
            for rule in value
        )
    )


def _conditions(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and 1 <= len(value) <= 10
        and set(value) <= CONDITIONS
        and all(_expression(each) for each in value.values())
    )


def _expression(value: Any) -> bool:
    if isinstance(value, dict):
        [(name, said)] = value.items() if len(value) == 1 else [("", None)]
        exists = name == "exists" and isinstance(said, bool)
        return exists or (name in EXPRESSIONS and _expression(said))
    texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return bool(value) and texts and all(len(each) <= 1024 for each in value)


NAMED: Mapping[str, Check] = {"name": text(3, 255), "description": nullable(text(3, 1024))}


def body(
    here: State, said: Any, fields: Mapping[str, Check], required: tuple[str, ...] = ()
) -> Row:
    """The body, if it is sound. Raises Refused with 400."""
    if not isinstance(said, dict):
        raise here.refuse(400, "Payload validation error: 'Expected type object'.", "invalid_body")
    unknown = sorted(set(said) - set(fields))
    missing = [name for name in required if name not in said]
    wrong = [name for name, value in said.items() if name in fields and not fields[name](value)]
    for problem, names in (
        ("Additional properties not allowed", unknown),
        ("Missing required property", missing),
        ("Invalid value of property", wrong),
    ):
        if names:
            reason = f"Payload validation error: '{problem}: {', '.join(names)}'."
            raise here.refuse(400, reason, "invalid_body")
    if not said and not required:
        raise here.refuse(400, "Payload validation error: 'Too few properties'.", "invalid_body")
    return said
