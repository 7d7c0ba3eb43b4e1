"""Looking into what a platform wrote, which may be anything: nothing here raises."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.payloads.values import Unreadable


def part(value: Any, *keys: str) -> Mapping[str, Any]:
    """What stands under keys, one in the other; empty where that is no object."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words(value: Any) -> list[str]:
    """The texts of a list, those that say something."""
    return [item for item in value if word(item)] if isinstance(value, list) else []


def word(value: Any) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value else None


def tried(read: Callable[[Any], Any], value: Any) -> Any:
    """What a converter makes of a value; None where it refuses it."""
    try:
        return read(value)
    except Unreadable:
        return None
