"""The forms of a file: a list in an envelope, an answer about single things, bare things, a list.

The outermost keys decide, and they may come in any order; so a file is walked once to check it and
to see them, and once more to read it. An answer is told from a bare thing by the latter's own keys
(``id``, ``name`` …), since a bare experiment has ``teams`` and ``applications`` as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from connectors.errors import PayloadRefused
from connectors.payloads.documents import Document, Member, members, whole
from connectors.payloads.reading import Place, Reading
from connectors.payloads.values import shown

NO_PLACE = "the graph has no place for it"
KEYS_SHOWN = 5

Head = dict[str, Any]
"""The outermost keys of an object, with their values where these are small."""


class Forms:
    """Reads one document, whatever its form; each step answers how many bytes were read."""

    def __init__(self, reading: Reading, document: Document) -> None:
        self.reading = reading
        self.vocabulary = reading.vocabulary
        self.document = document
        self.head: Head | None = {}

    def check(self) -> Iterator[int]:
        """Walk the whole document: it is sound JSON and says it is of this platform.

        Raises PayloadRefused, with the position.
        """
        for member, read in members(self.document):
            if member.key is None:
                self.head = None
                if member.index is None:
                    self._foreign("", shown(member.value))
            elif self.head is not None:
                _note(self.head, member)
            yield read
        if self.head is not None:
            self._answer_or_thing(self.head, "")

    def read(self) -> Iterator[int]:
        """Read everything into the staging place. Only for a document that was checked."""
        if self.head is None:
            for member, read in members(self.document):
                self._value(member.value, member.path)
                yield read
        elif self._answer_or_thing(self.head, "") is None:
            yield from self._answer(members(self.document), "")
        else:
            self._value(whole(self.document), "")

    def _value(self, value: Any, path: str) -> None:
        """Read an item of the outermost list, or the bare thing that the document is."""
        if value is None:
            return
        if not isinstance(value, dict):
            self._foreign(path, shown(value))
        found = list(_members_of(value))
        head: Head = {}
        for member, _ in found:
            _note(head, member)
        shape = self._answer_or_thing(head, path)
        if shape is not None:
            self._thing(shape, value, path)
            return
        for _ in self._answer(found, f"{path}."):
            pass

    def _answer_or_thing(self, head: Head, path: str) -> str | None:
        """The shape of a bare thing; None for an answer. Raises PayloadRefused for neither."""
        words = self.vocabulary
        if head.get("ok") is False:
            errors = "; ".join(map(str, head.get("errors") or ["no reason given"]))
            raise PayloadRefused(
                self.document.name, path, f"the platform answered with a failure: {errors}"
            )
        if words.bare & head.keys():
            shape = words.recognise(head)
            if shape is None:
                hint = 'if it is one of its things, say which: {"goal": …}'
                self._foreign(path, f"{_keys(head)}; {hint}")
            return shape
        if not head.keys() & (words.lists.keys() | words.singles.keys() | words.placeless):
            self._foreign(path, _keys(head))
        return None

    def _answer(self, found: Iterable[tuple[Member, int]], prefix: str) -> Iterator[int]:
        words, report = self.vocabulary, self.reading.report
        tokens: dict[str, str | None] = {}
        later: list[Member] = []
        for member, read in found:
            key, value = str(member.key), member.value
            if key in words.lists:
                self._item(member, prefix)
            elif key in words.siblings and words.siblings[key][1] not in tokens:
                later.append(member)
            elif key in words.singles:
                self._single(member, prefix, tokens)
            elif key == "errors" and value and isinstance(value, str | dict):
                report.upstream_errors.append((self.document.name, _error(value)))
            elif key in words.placeless:
                if value:
                    report.skip(key, NO_PLACE)
            elif key not in words.plain and not member.index:
                report.unknown_keys.note("answer", key)
            yield read
        for member in later:
            self._single(member, prefix, tokens)

    def _item(self, member: Member, prefix: str) -> None:
        value, path = member.value, prefix + member.path
        if member.index is None and value is not None and value != []:
            reason = f"expected a list, got {shown(value)}"
            raise PayloadRefused(self.document.name, path, reason)
        if member.index is not None and value is not None and value != {}:
            self._thing(self.vocabulary.lists[str(member.key)], value, path)

    def _single(self, member: Member, prefix: str, tokens: dict[str, str | None]) -> None:
        """Read a thing that stands alone; ``tokens`` are those beside it."""
        key, value, words = str(member.key), member.value, self.vocabulary
        if member.index is not None or value == []:
            reason = "expected an object, got a list"
            raise PayloadRefused(self.document.name, prefix + key, reason)
        if value is not None and value != {}:
            column, other = words.siblings.get(key, ("", ""))
            within = {column: tokens[other]} if other in tokens else {}
            tokens[key] = self._thing(words.singles[key], value, prefix + key, within)

    def _thing(
        self, shape: str, value: Any, path: str, within: Mapping[str, str | None] | None = None
    ) -> str | None:
        try:
            return self.reading.entity(shape, value, Place(path), within=within)
        except RecursionError as error:
            reason = "nested deeper than can be followed"
            raise PayloadRefused(self.document.name, path, reason) from error

    def _foreign(self, path: str, what: str) -> NoReturn:
        reason = f"not an {self.vocabulary.name} payload: {what}"
        raise PayloadRefused(self.document.name, path, reason)


def _note(head: Head, member: Member) -> None:
    """Remember a key, and of its value what decides: a scalar, or the texts of a list of errors."""
    key, value = str(member.key), member.value
    if key == "errors" and member.index is not None:
        head.setdefault(key, []).append(_error(value))
    elif key not in head:
        small = member.index is None and not isinstance(value, dict | list)
        head[key] = value if small else ()


def _members_of(value: Mapping[str, Any]) -> Iterator[tuple[Member, int]]:
    """An object in memory as the members that a document of its own would have."""
    for key, item in value.items():
        if isinstance(item, list) and item:
            yield from ((Member(key, index, entry), 0) for index, entry in enumerate(item))
        else:
            yield Member(key, None, item), 0


def _error(value: Any) -> str:
    said = value.get("message") if isinstance(value, dict) else value
    return said if isinstance(said, str) else shown(value)


def _keys(head: Head) -> str:
    """The keys of an object, for a message."""
    if not head:
        return "an empty object"
    names = ", ".join(list(head)[:KEYS_SHOWN])
    return f"an object with the keys {names}" + (" …" if len(head) > KEYS_SHOWN else "")
