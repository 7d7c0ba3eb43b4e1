"""What was said of one thing: by one copy of it, and by all of them together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

Row = dict[str, dict[str, Any]]
"""One row of a list: ``{"fields": {column: value}, "refs": {column: token or None}}``."""

PARTS = ("fields", "refs", "rows", "wholes")


@dataclass(slots=True)
class Said:
    """Values by name, each as ``[rank, value]``; of two copies the lower rank wins.

    A rank is the depth at which a copy stood, then its place in the order of reading. ``fields``
    are columns, ``refs`` tokens of other things, ``rows`` lists of rows; ``wholes`` are the tokens
    of all things of a shape that belong to this one, in their order. ``links`` are additions to
    associations that belong to somebody else, and have no rank, since nothing contradicts them.
    """

    fields: dict[str, list[Any]] = field(default_factory=dict)
    refs: dict[str, list[Any]] = field(default_factory=dict)
    rows: dict[str, list[Any]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    wholes: dict[str, list[Any]] = field(default_factory=dict)

    def merge(self, other: "Said") -> None:
        """Take from another copy what it says better, and what is not said here at all."""
        for part in PARTS:
            mine: dict[str, list[Any]] = getattr(self, part)
            for name, ranked in getattr(other, part).items():
                known = mine.get(name)
                if known is None or ranked[0] < known[0]:
                    mine[name] = ranked
        for name, tokens in other.links.items():
            self.links[name] = list(dict.fromkeys([*self.links.get(name, []), *tokens]))

    def value(self, name: str) -> Any:
        """The value of a field; None when it is not said."""
        return self.fields.get(name, (0, None))[1]

    def tokens(self) -> Iterable[str]:
        """Every other thing that is spoken of here, to-one references and rows alike."""
        for _, token in self.refs.values():
            if token is not None:
                yield token
        for _, rows in self.rows.values():
            for row in rows:
                yield from (token for token in row["refs"].values() if token is not None)
        for _, listed in self.wholes.values():
            yield from listed
        for tokens in self.links.values():
            yield from tokens

    def dumps(self) -> bytes:
        """As JSON text."""
        return orjson.dumps([self.fields, self.refs, self.rows, self.links, self.wholes])

    @classmethod
    def loads(cls, text: bytes) -> "Said":
        """From JSON text."""
        return cls(*orjson.loads(text))

    def level(self) -> list[Any]:
        """As JSON values, without the ranks."""
        parts = (getattr(self, part) for part in PARTS)
        leveled = [{name: [0, value] for name, (_, value) in part.items()} for part in parts]
        *most, wholes = leveled
        return [*most, self.links, wholes]

    def deeper(self, by: int) -> "Said":
        """The same, as a copy that stands deeper than every other one."""
        for part in PARTS:
            for ranked in getattr(self, part).values():
                ranked[0] += by
        return self
