"""What a document shows at first sight: enough to tell what it is, and never all of it.

The outermost keys decide, and they may come in any order; so a document is walked once, which also
checks that it is sound JSON, before anything in it is read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.payloads.documents import Document, Member, members
from connectors.payloads.values import shown
from connectors.payloads.vocabulary import Head

KEYS_SHOWN = 5


class Outline:
    """The head of a document that is an object, or of the first object in one that is a list."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.is_object = True
        self.head: Head | None = None
        self.found = "an empty object"

    def walk(self) -> Iterator[int]:
        """Read the whole document, and answer how many bytes were read.

        Raises PayloadRefused, with the position, where it is no sound JSON.
        """
        head: dict[str, Any] = {}
        for member, read in members(self.document):
            if member.key is not None:
                note(head, member)
                self.head = head
            else:
                self.is_object = False
                if self.head is None and isinstance(member.value, dict):
                    self.head = head_of(member.value)
                if self.head is None:
                    self.found = shown(member.value)
            yield read
        if self.head:
            self.found = keys_of(self.head)


def note(head: dict[str, Any], member: Member) -> None:
    """Remember a key, and of its value what decides: the value itself, of a list its first object.

    Of errors, it is their texts.
    """
    key, value = str(member.key), member.value
    if member.index is None:
        head.setdefault(key, () if value == [] else value)
    elif key == "errors":
        head.setdefault(key, []).append(error_of(value))
    elif isinstance(value, dict) or key not in head:
        head[key] = head.get(key) or (value if isinstance(value, dict) else ())


def head_of(value: Mapping[str, Any]) -> Head:
    """The head of an object in memory."""
    head: dict[str, Any] = {}
    for member in members_of(value):
        note(head, member)
    return head


def members_of(value: Mapping[str, Any]) -> Iterator[Member]:
    """An object in memory as the members that a document of its own would have."""
    for key, item in value.items():
        if isinstance(item, list) and item:
            yield from (Member(key, index, entry) for index, entry in enumerate(item))
        else:
            yield Member(key, None, item)


def error_of(value: Any) -> str:
    """What an error says, be it a text or an object."""
    said = value.get("message") if isinstance(value, dict) else value
    return said if isinstance(said, str) else shown(value)


def keys_of(head: Head) -> str:
    """The keys of an object, for a message."""
    if not head:
        return "an empty object"
    names = ", ".join(" ".join(key.split()) for key in list(head)[:KEYS_SHOWN])
    return f"an object with the keys {names}" + (" …" if len(head) > KEYS_SHOWN else "")
