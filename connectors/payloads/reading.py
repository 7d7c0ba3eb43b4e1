"""From a parsed payload to what it says of each thing: follows the shapes, checks every value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from connectors.errors import PayloadRefused
from connectors.payloads.holdings import MADE, PLACE, Column, Inline, One, Part
from connectors.payloads.parts import read_part
from connectors.payloads.said import Said
from connectors.payloads.shapes import Object, Shape
from connectors.payloads.staging import Listed, Staging, natural_token
from connectors.payloads.tokens import token_of_id
from connectors.payloads.values import Unreadable, is_said, shown, verbatim
from connectors.payloads.vocabulary import Vocabulary
from connectors.report import Report

NAMELESS = "it has neither an id nor a name"
REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its path for messages, and how many keys lead to it."""

    path: str
    depth: int = 0

    def at(self, key: str, index: int | str | None = None) -> "Place":
        """The place of a value under a key, or of an item in the list under it."""
        key = key.removeprefix(MADE)
        path = f"{self.path}.{key}" if self.path else key
        return Place(path if index is None else f"{path}[{index}]", self.depth + 1)


@dataclass(slots=True)
class Holder:
    """What is being read, and what was found of it so far."""

    shape: Shape
    rank: int
    said: Said = field(default_factory=Said)
    token: str | None = None
    done: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of an object, under the key at which it was met."""

    part: Part
    key: str
    value: Object
    place: Place


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a thing that was read before."""

    value: Object
    depth: int
    within: Mapping[str, str | None]

    def says_all_of(self, other: "Copy") -> bool:
        """Whether the other copy adds nothing: payloads repeat the same user in every place."""
        same = self.value == other.value and self.within == other.within
        return same and self.depth <= other.depth


class Reading:
    """Reads payloads of one platform, out of one file, into a staging place."""

    def __init__(self, vocabulary: Vocabulary, staging: Staging, report: Report, file: str) -> None:
        self.vocabulary = vocabulary
        self.staging = staging
        self.report = report
        self.file = file
        self.seen: dict[tuple[str, str], Copy] = {}

    def entity(
        self,
        name: str,
        value: Any,
        place: Place,
        *,
        beside: Any = None,
        within: Mapping[str, str | None] | None = None,
        listed: Listed | None = None,
    ) -> str | None:
        """Read a thing and everything in it; answers its token, None when nothing names it.

        ``beside`` is the id that stands beside the object, ``within`` what its container says,
        ``listed`` the list that it is an item of.
        """
        if not isinstance(value, dict):
            self.refuse(place, f"expected an object, got {shown(value)}")
        name, value = self.vocabulary.understood(name, value)
        shape, copy = self.vocabulary.shapes[name], Copy(value, place.depth, within or {})
        identity = self._named(shape, value, place)
        identity = identity or self._identity(shape, beside, place, "id")
        if identity is not None and listed is None and place.depth:
            known = self.seen.get((name, identity))
            if known is not None and known.says_all_of(copy):
                return token_of_id(name, identity)
            if len(self.seen) >= REMEMBERED:
                self.seen.clear()
            self.seen[(name, identity)] = copy
        holder = Holder(shape, self.staging.rank(place.depth))
        if listed is not None and listed.place is not None:
            holder.said.fields[PLACE] = [holder.rank, listed.place]
        self._read(holder, copy, place, identity)
        if holder.token is None:
            self.report.skip(shape.kind, NAMELESS)
        else:
            self.staging.add(shape, holder.token, holder.said, listed)
        return holder.token

    def _read(self, holder: Holder, copy: Copy, place: Place, identity: str | None) -> None:
        found, shape = self.scan(holder, copy.value, place), holder.shape
        if shape.owner is not None:  # what it belongs to may be what it is known by
            self.ones(holder, found)
            self._contain(holder, copy.within)
        if identity is None:
            holder.token = natural_token(shape, holder.said)
        else:
            holder.token = token_of_id(shape.name, identity)
        for item in found:
            if isinstance(item.part, One):
                self.ones(holder, [item])
            else:
                read_part(self, holder, item)
        if shape.owner is None:
            self._contain(holder, copy.within)

    def scan(
        self,
        holder: Holder,
        value: Object,
        place: Place,
        inline: Inline | None = None,
        of: str = "",
    ) -> list[Found]:
        """Take the columns of an object, and answer its parts; what is inlined counts as its own.

        ``of`` is the key of the inlined object, with a dot, as a prefix for the keys that are kept.
        """
        keys, found = holder.shape.keys(inline), []
        for key, item in value.items():
            if isinstance(item, dict | list) and not is_said(item):
                continue
            known = keys.get(key)
            if known is None:
                if inline is None or inline.alone:
                    self._rest(holder, of + key, item)
                continue
            columns, parts = known
            if columns:
                self._columns(holder, columns, item, place, key)
            for part in parts:
                if not isinstance(part, Inline):
                    found.append(Found(part, key, value, place))
                elif isinstance(item, dict):
                    within = of if part.envelope else f"{of}{key}."
                    found += self.scan(holder, item, place.at(key), part, within)
                elif item is not None:
                    self.refuse(place.at(key), f"expected an object, got {shown(item)}")
        return found

    def _columns(
        self, holder: Holder, columns: tuple[Column, ...], item: Any, place: Place, key: str
    ) -> None:
        fields = holder.said.fields
        for column in columns:
            try:
                value = column.read(item)
            except Unreadable as error:
                self.refuse(place.at(key), str(error))
            if value is not None or (column.nullable and column.name not in fields):
                fields[column.name] = [holder.rank, value]
            if column.words and item is not None and str(item).lower() not in column.words:
                self.report.unknown_words.note(f"{holder.shape.name}.{key}", str(item))
                if column.keep:
                    self.keep(holder, key, item)

    def _rest(self, holder: Holder, key: str, item: Any) -> None:
        if key not in holder.shape.kept:
            self.report.unknown_keys.note(holder.shape.name, key)
        self.keep(holder, key, verbatim(item))

    def keep(self, holder: Holder, key: str, value: Any) -> None:
        """Keep what the model has no place for, under its own key."""
        holder.said.fields[f"{holder.shape.rest}.{key}"] = [holder.rank, value]

    def ones(self, holder: Holder, found: Iterable[Found]) -> None:
        """Take the references to one other thing, and read what is nested; each of them once."""
        for item in found:
            if isinstance(item.part, One) and item.part.column not in holder.done:
                holder.done.add(item.part.column)
                is_known, token = self.one(item.part, item.value, item.place, holder)
                if is_known:
                    holder.said.refs[item.part.column] = [holder.rank, token]

    def one(
        self, part: One, value: Object, place: Place, holder: Holder
    ) -> tuple[bool, str | None]:
        """Whether a reference is said, and the token of what it points at (None: at nothing)."""
        nested, beside = value.get(part.key), value.get(part.beside)
        target = self.vocabulary.shapes[part.shape]
        if nested is not None and is_said(nested):
            within = {str(target.owner): holder.token} if part.own else None
            at = place.at(part.key)
            token = self.entity(part.shape, nested, at, beside=beside, within=within)
            return token is not None, token
        identity = self._identity(target, beside, place, part.beside)
        if identity is not None:
            return True, token_of_id(part.shape, identity)
        return nested is None and beside is None, None

    def _contain(self, holder: Holder, within: Mapping[str, str | None]) -> None:
        """What contains a thing is what it belongs to, unless it names another one itself."""
        refs = holder.said.refs
        for column, token in within.items():
            if token is None:
                continue
            if refs.get(column, (0, None))[1] is None:
                refs[column] = [holder.rank, token]
            elif column == holder.shape.owner:
                refs[f"@{column}"] = [holder.rank, token]

    def _named(self, shape: Shape, value: Object, place: Place) -> str | None:
        """The id that an object says itself."""
        said = (self._identity(shape, value.get(key), place, key) for key in shape.identity.keys)
        return next((identity for identity in said if identity is not None), None)

    def _identity(self, shape: Shape, value: Any, place: Place, key: str) -> str | None:
        try:
            return shape.identity.read(value)  # type: ignore[no-any-return]
        except Unreadable as error:
            self.refuse(place.at(key), str(error))

    def refuse(self, place: Place, reason: str) -> NoReturn:
        """Raise PayloadRefused for a value."""
        raise PayloadRefused(self.file, place.path, reason)
