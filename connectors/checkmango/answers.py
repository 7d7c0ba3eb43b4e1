"""Checkmango's answers: JSON:API documents, whose resources name their own types."""

from typing import Any

from connectors.checkmango.payloads import GUISES, SHAPES
from connectors.payloads.looking import word
from connectors.payloads.shapes import Object
from connectors.payloads.vocabulary import Head, Vocabulary
from models.phase import Platform

TYPES = {
    "event": "goal",
    "experiment": "experiment",
    "statistic": "statistics",
    "team": "team",
    "user": "user",
    "variant": "variant",
}
"""By the singular, which is what types were before they became plural."""

ENVELOPE = frozenset({"data", "included", "jsonapi", "links", "meta"})

FAILED = frozenset({"message", "errors", "exception", "file", "line", "trace"})

BARE = frozenset({"attributes"})


def recognise(value: Object) -> str | None:
    """The name of a resource, by its type; a type that no table takes is its own name."""
    said = word(value.get("type"))
    return None if said is None else TYPES.get(said.lower().removesuffix("s"), said)


def claims(head: Head) -> bool:
    """Whether a document can be Checkmango's."""
    if BARE & head.keys():
        return recognise(head) is not None
    samples = [head[key] for key in ("data", "included") if isinstance(head.get(key), dict)]
    if samples:
        return all(recognise(sample) is not None for sample in samples)
    return "data" in head and head.keys() <= ENVELOPE


def failure(head: Head) -> str | None:
    """What went wrong, where an answer says nothing else."""
    said = word(head.get("message"))
    if said is None or not head.keys() <= FAILED:
        return None
    wrong: Any = head.get("errors")
    fields = wrong.items() if isinstance(wrong, dict) else ()
    listed = (f"{name}: {_first(texts)}" for name, texts in fields)
    return " ".join([said, *([f"({'; '.join(listed)})"] if fields else [])])


def _first(texts: Any) -> str:
    return str(texts[0] if isinstance(texts, list) and texts else texts)


CHECKMANGO = Vocabulary(
    platform=Platform.CHECKMANGO,
    name="Checkmango",
    shapes={shape.name: shape for shape in SHAPES},
    guises=GUISES,
    lists={"data": None, "included": None},
    singles={"data": None},
    placeless=frozenset(),
    plain=ENVELOPE - {"data", "included"},
    bare=BARE,
    recognise=recognise,
    claims=claims,
    failure=failure,
)
