"""The forms of a file: a list in an envelope, an answer about single things, bare things, a list.

An answer is told from a bare thing by the latter's own keys (``id``, ``name`` …), since a bare
experiment has ``teams`` and ``applications`` as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from connectors.errors import PayloadRefused
from connectors.payloads.documents import Member, members, whole
from connectors.payloads.outline import Outline, error_of, head_of, keys_of, members_of
from connectors.payloads.reading import Place, Reading
from connectors.payloads.values import shown
from connectors.payloads.vocabulary import Head

NO_PLACE = "the graph has no place for it"
ANSWER = ""
"""The name of an object that is no thing, but tells of things."""


class Forms:
    """Reads one document, whatever its form; each step answers how many bytes were read."""

    def __init__(self, reading: Reading, outline: Outline) -> None:
        self.reading = reading
        self.vocabulary = reading.vocabulary
        self.document = outline.document
        self.outline = outline

    def read(self) -> Iterator[int]:
        """Read everything into the staging place. Only for a document whose outline was walked.

        Raises PayloadRefused.
        """
        if not self.outline.is_object:
            for member, read in members(self.document):
                self._value(member.value, member.path)
                yield read
        elif self._name(self.outline.head or {}, "") == ANSWER:
            yield from self._answer(members(self.document), "")
        else:
            self._value(whole(self.document), "")

    def _value(self, value: Any, path: str) -> None:
        """Read an item of the outermost list, or the bare thing that the document is."""
        if value is None:
            return
        if not isinstance(value, dict):
            self._foreign(path, shown(value))
        name = self._name(head_of(value), path)
        if name != ANSWER:
            self._thing(name, value, path)
            return
        for _ in self._answer(((member, 0) for member in members_of(value)), f"{path}."):
            pass

    def _name(self, head: Head, path: str) -> str:
        """What a bare thing is, or ANSWER. Raises PayloadRefused for neither."""
        words = self.vocabulary
        failure = words.failure(head)
        if failure is not None:
            said = " ".join(failure.split())
            self._refuse(path, f"the platform answered with a failure: {said}")
        if words.bare & head.keys():
            name = words.recognise(head)
            if name is None:
                self._foreign(path, f"{keys_of(head)}{self._hint()}")
            return name
        if not head.keys() & (words.lists.keys() | words.singles.keys() | words.placeless):
            self._foreign(path, keys_of(head))
        return ANSWER

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
                report.upstream_errors.append((self.document.name, error_of(value)))
            elif key in words.placeless:
                if value:
                    report.skip(key, NO_PLACE)
            elif key not in words.plain and not member.index:
                report.unknown_keys.note("answer", key)
            yield read
        for member in later:
            self._single(member, prefix, tokens)

    def _item(self, member: Member, prefix: str) -> None:
        """Read an item of a list; in an answer where it may be, the one thing that stands there."""
        key, value, path = str(member.key), member.value, prefix + member.path
        alone = member.index is None and key not in self.vocabulary.singles
        if alone and value is not None and value != []:
            self._refuse(path, f"expected a list, got {shown(value)}")
        if value is not None and value not in ({}, []):
            self._thing(self.vocabulary.lists[key], value, path)

    def _single(self, member: Member, prefix: str, tokens: dict[str, str | None]) -> None:
        """Read a thing that stands alone; ``tokens`` are those beside it."""
        key, value, words = str(member.key), member.value, self.vocabulary
        if member.index is not None or value == []:
            self._refuse(prefix + key, "expected an object, got a list")
        if value is not None and value != {}:
            column, other = words.siblings.get(key, ("", ""))
            within = {column: tokens[other]} if other in tokens else {}
            tokens[key] = self._thing(words.singles[key], value, prefix + key, within)

    def _thing(
        self,
        name: str | None,
        value: Any,
        path: str,
        within: Mapping[str, str | None] | None = None,
    ) -> str | None:
        """Read a thing, or count it where no table takes it; one without a name is recognised."""
        words = self.vocabulary
        if name is None:
            if not isinstance(value, dict):
                self._refuse(path, f"expected an object, got {shown(value)}")
            name = words.recognise(value)
            if name is None:
                self._foreign(path, keys_of(value))
        if name not in words.shapes and name not in words.guises:
            self.reading.report.skip(name, NO_PLACE)
            return None
        try:
            return self.reading.entity(name, value, Place(path), within=within)
        except RecursionError:
            self._refuse(path, "nested deeper than can be followed")

    def _hint(self) -> str:
        """How a bare thing may say what it is, where the platform has an answer for that."""
        known = "experiment" in self.vocabulary.singles
        return '; if it is one of its things, say which: {"experiment": …}' if known else ""

    def _foreign(self, path: str, what: str) -> NoReturn:
        self._refuse(path, f"not a payload of {self.vocabulary.name}: {what}")

    def _refuse(self, path: str, reason: str) -> NoReturn:
        raise PayloadRefused(self.document.name, path, reason)
