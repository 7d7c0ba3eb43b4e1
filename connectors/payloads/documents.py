"""JSON documents of any size, read one value at a time, with exact positions.

The outermost list or object is walked here, and so is each list directly inside that object; what
stands below is parsed as a whole. So memory holds one experiment, however many the file has.
"""

import json
import re
import shutil
import sys
import tempfile
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from connectors.errors import PayloadRefused, Spot

CHUNK = 1 << 18
MARGIN = 16
"""What stands this close to the end of what was read may still change its meaning."""

DEEPEST = 200
STANDARD_INPUT = "standard input"
UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True, slots=True)
class Document:
    """A named text that can be read more than once."""

    name: str
    stream: BinaryIO

    @property
    def size(self) -> int:
        """Its length in bytes."""
        self.stream.seek(0, 2)
        return self.stream.tell()


@dataclass(frozen=True, slots=True)
class Member:
    """A value in the outermost list (``key`` is None), or under a key of the outermost object.

    ``index`` counts the items of a list; an empty list is one member without an index.
    """

    key: str | None
    index: int | None
    value: Any

    @property
    def path(self) -> str:
        """Where it stands: ``experiments[3]``."""
        return (self.key or "") + ("" if self.index is None else f"[{self.index}]")


@contextmanager
def opened(path: Path | str) -> Iterator[Document]:
    """A file, or standard input for ``-``; what cannot be read twice is spooled to the disk."""
    name = STANDARD_INPUT if str(path) == "-" else str(path)
    with ExitStack() as stack:
        try:
            source = sys.stdin.buffer if str(path) == "-" else stack.enter_context(_binary(path))
            if not source.seekable() or str(path) == "-":
                spool = stack.enter_context(tempfile.TemporaryFile())
                shutil.copyfileobj(source, spool)
                source = spool
        except OSError as error:
            raise PayloadRefused(name, None, (error.strerror or str(error)).lower()) from error
        yield Document(name, source)


def members(document: Document) -> Iterator[tuple[Member, int]]:
    """Each member, and how many bytes were read by then. Raises PayloadRefused."""
    document.stream.seek(0)
    scanner = Scanner(document)
    first = scanner.peek()
    if not first:
        scanner.refuse("the file is empty")
    walk = {"{": _object, "[": _list}.get(first, _scalar)
    for member in walk(scanner):
        yield member, scanner.read
    if scanner.peek():
        scanner.refuse("something follows the end of the document")


def whole(document: Document) -> Any:
    """The document as one value; for one that is small, or that is a single thing."""
    document.stream.seek(0)
    return Scanner(document).value("")


class Scanner:
    """A text that is read piece by piece; what was parsed is forgotten."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.decoder = getincrementaldecoder("utf-8")()
        self.json = json.JSONDecoder(parse_float=Decimal, parse_constant=self._constant)
        self.text = ""
        self.at = 0
        self.exhausted = False
        self.read = 0
        self.forgotten = Spot(1, 1, 0)

    def peek(self) -> str:
        """The next character that is not white space; nothing at the end."""
        while True:
            rest = re.compile(r"[ \t\n\r]*").match(self.text, self.at)
            self.at = rest.end() if rest else self.at
            if self.at < len(self.text) or self.exhausted:
                return self.text[self.at : self.at + 1]
            self._more()

    def take(self, expected: str) -> None:
        """Step over the next character. Raises PayloadRefused when it is another one."""
        if self.peek() != expected:
            self.refuse(f"broken JSON: expected {expected!r}")
        self.at += 1

    def more_follow(self, close: str) -> bool:
        """Whether a comma is next (and step over it), or ``close`` (likewise)."""
        if self.peek() not in {",", close}:
            self.refuse(f"broken JSON: expected ',' or {close!r}")
        self.at += 1
        return self.text[self.at - 1] == ","

    def value(self, path: str) -> Any:
        """The next value. Raises PayloadRefused when it is broken or cannot be kept."""
        self.peek()
        while True:
            try:
                value, end = self.json.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                cut = error.pos + MARGIN > len(self.text) or error.msg.startswith("Unterminated")
                if self.exhausted or not cut:
                    self._broken(error)
            except RecursionError:
                self.refuse(f"nested deeper than {DEEPEST} levels")
            except ValueError as error:
                self.refuse(f"broken JSON: {str(error).partition(';')[0].lower()}")
            else:
                if self.exhausted or end + MARGIN <= len(self.text):
                    self._examine(value, end, path)
                    self.at = end
                    return value
            self._more()

    def refuse(self, reason: str, at: int | None = None) -> NoReturn:
        """Raise PayloadRefused for a position in the text, the current one if none is given."""
        at = self.at if at is None else at
        if at >= len(self.text) and reason.startswith("broken JSON"):
            reason = "broken JSON: the file ends too early"
        raise PayloadRefused(self.document.name, self._spot(at), reason)

    def _broken(self, error: json.JSONDecodeError) -> NoReturn:
        if error.msg.startswith("Unterminated"):
            self.refuse("broken JSON: the file ends too early", error.pos)
        self.refuse(f"broken JSON: {error.msg.lower()}", error.pos)

    def _constant(self, word: str) -> NoReturn:
        self.refuse(f"{word} is no number in JSON", self.text.index(word, self.at))

    def _examine(self, value: Any, end: int, path: str) -> None:
        brackets = self.text.count("[", self.at, end) + self.text.count("{", self.at, end)
        if brackets > DEEPEST and _depth(value) > DEEPEST:
            self.refuse(f"nested deeper than {DEEPEST} levels")
        if UNSTORABLE.search(self.text, self.at, end):
            for where, text in _texts(value, path):
                if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
                    reason = "a NUL character or half of a surrogate pair, which no text can hold"
                    raise PayloadRefused(self.document.name, where, reason)

    def _more(self) -> None:
        self.forgotten = self._spot(self.at)
        self.text, self.at = self.text[self.at :], 0
        data = self.document.stream.read(max(CHUNK, len(self.text)))
        if not self.read and data.startswith(BOM_UTF8):
            data = data[len(BOM_UTF8) :]
            self.forgotten = Spot(1, 1, len(BOM_UTF8))
        self.read += len(data)
        self.exhausted = not data
        held = self.decoder.getstate()[0]
        try:
            self.text += self.decoder.decode(data, final=self.exhausted)
        except UnicodeDecodeError as error:
            self.text += (held + data)[: error.start].decode()
            self.refuse("not UTF-8", len(self.text))

    def _spot(self, at: int) -> Spot:
        before = self.text[:at]
        lines = before.count("\n")
        column = at - before.rfind("\n") if lines else self.forgotten.column + at
        offset = self.forgotten.offset + len(before.encode())
        return Spot(self.forgotten.line + lines, column, offset)


def _object(scanner: Scanner) -> Iterator[Member]:
    scanner.take("{")
    follows = scanner.peek() != "}"
    if not follows:
        scanner.take("}")
    while follows:
        if scanner.peek() != '"':
            scanner.refuse("broken JSON: expected a key in double quotes")
        key = scanner.value("")
        scanner.take(":")
        if scanner.peek() == "[":
            yield from _list(scanner, key)
        else:
            yield Member(key, None, scanner.value(key))
        follows = scanner.more_follow("}")


def _list(scanner: Scanner, key: str | None = None) -> Iterator[Member]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        yield Member(key, None, [])
        return
    index, follows = 0, True
    while follows:
        yield Member(key, index, scanner.value(Member(key, index, None).path))
        index, follows = index + 1, scanner.more_follow("]")


def _scalar(scanner: Scanner) -> Iterator[Member]:
    yield Member(None, None, scanner.value(""))


def _binary(path: Path | str) -> BinaryIO:
    return Path(path).open("rb")


def _depth(value: Any) -> int:
    """How deep a value is nested, counted without recursion."""
    depth, level = 0, [value]
    while level:
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        depth += 1
    return depth


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text in a value, keys included, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from _texts(item, f"{path}.{key}" if path else key)
