"""The staging place: all copies of each thing, merged, on the disk and gone when it is closed.

SQLite's temporary database: it lives in a file that has no name, and only once it outgrows its
cache, so that nothing is left behind whatever happens.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from connectors.payloads import disk
from connectors.payloads.holdings import list_of
from connectors.payloads.said import Said
from connectors.payloads.shapes import Shape
from connectors.payloads.tables import default_of
from connectors.payloads.tokens import external_id_of, token_of_nature

BATCH = 1_000
"""Things that are merged in memory before the disk is asked."""

CHUNK = 200
"""Things that are compared and written at a time."""

DEPTH = 1 << 40
"""A rank counts depths above this, and the order of reading below."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The list that a thing stands in: whose, under which key, and the rank of that holder.

    ``place`` is where in it, if the list is whole.
    """

    holder: str = ""
    key: str = ""
    rank: int = 0
    place: int | None = None


@dataclass(slots=True)
class Copy:
    """What is known of one thing before it goes to the disk."""

    shape: Shape
    said: Said
    listed: Listed
    waited: bool


@dataclass(slots=True)
class Thing:
    """One thing of the staging place, and where it ended up."""

    number: int
    token: str
    external_id: str | None
    owner: str
    said: Said
    waited: bool
    row_id: int | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The row of a thing (None: it has none yet), and the lists that the payload says of it."""

    row_id: int | None
    lists: frozenset[str] = frozenset()


class Staging(AbstractContextManager["Staging"]):
    """Takes what copies say, merges them, and hands the things out again, shape by shape."""

    def __init__(self) -> None:
        self.base = sqlite3.connect("", isolation_level=None)
        self.base.executescript(disk.TABLES)
        self.batch: dict[str, Copy] = {}
        self.copies = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.base.close()

    def rank(self, depth: int) -> int:
        """The rank of the next copy: shallow before deep, early before late."""
        self.copies += 1
        return depth * DEPTH + self.copies

    def add(
        self,
        shape: Shape,
        token: str,
        said: Said,
        listed: Listed | None = None,
        *,
        waited: bool = False,
    ) -> None:
        """Take one copy of the thing that ``token`` names."""
        listed, known = listed or Listed(), self.batch.get(token)
        if known is not None:
            known.said.merge(said)
            known.listed = min(known.listed, listed, key=lambda each: each.rank)
            known.waited = known.waited and waited
            return
        self.batch[token] = Copy(shape, said, listed, waited)
        if len(self.batch) >= BATCH:
            self.flush()

    def relate(self, one: str, other: str) -> None:
        """Two experiments are iterations of one family."""
        self.base.execute("INSERT INTO family VALUES (?, ?)", (one, other))

    def relatives(self) -> Iterator[list[tuple[str, str]]]:
        """The pairs that are of one family."""
        found = self.base.execute("SELECT DISTINCT one, other FROM family WHERE one <> other")
        while pairs := found.fetchmany(CHUNK):
            yield pairs

    def remember(self, token: str, row_id: int, said: str) -> None:
        """Remember that a thing has been waiting in a row, and what was said of it."""
        self.base.execute("INSERT INTO recalled VALUES (?, ?, ?, 0)", (token, row_id, said))

    def recall(self, token: str) -> tuple[int, Any] | None:
        """The row in which a thing has been waiting, and what was said of it; it still waits."""
        self.base.execute("UPDATE recalled SET waits = 1 WHERE token = ?", [token])
        found = self.base.execute("SELECT row_id, said FROM recalled WHERE token = ?", [token])
        row = found.fetchone()
        return None if row is None else (row[0], json.loads(row[1]))

    def arrived(self) -> list[int]:
        """The rows of what waits no longer."""
        return [row[0] for row in self.base.execute("SELECT row_id FROM recalled WHERE waits = 0")]

    def taken(self, model: str, row_ids: Iterable[int]) -> set[int]:
        """Those of the rows that a thing has already."""
        found = self.base.execute(
            "SELECT row_id FROM thing WHERE model = ? AND row_id IN "
            "(SELECT value FROM json_each(?))",
            (model, json.dumps(list(row_ids))),
        )
        return {row[0] for row in found}

    def rows_of(self, shape: Shape) -> Iterator[list[int]]:
        """The rows of the things of a shape."""
        found = self.base.execute(
            "SELECT DISTINCT row_id FROM thing WHERE shape = ? AND row_id IS NOT NULL "
            "ORDER BY row_id",
            [shape.name],
        )
        while rows := found.fetchmany(CHUNK):
            yield [row[0] for row in rows]

    def flush(self) -> None:
        """Merge what is in memory into what is on the disk."""
        self.base.execute("BEGIN")
        for token, text, waited, *at in self.base.execute(
            disk.FIND, [json.dumps(list(self.batch))]
        ):
            copy, known = self.batch[token], Said.loads(text)
            known.merge(copy.said)
            copy.said, copy.waited = known, copy.waited and bool(waited)
            copy.listed = min(Listed(*at), copy.listed, key=lambda each: each.rank)
        self.base.executemany(disk.KEEP, [_columns(*item) for item in self.batch.items()])
        self.base.execute("COMMIT")
        self.batch.clear()

    def unite(self, shapes: Iterable[Shape]) -> None:
        """Merge each thing that nobody gave an id into the one of the same nature, if there is one.

        Shapes come in an order in which owners are united before what they own.
        """
        self.flush()
        for shape in shapes:
            if shape.owner:
                self.base.execute(disk.FOLLOW.format(column="owner"), [shape.name])
                self.base.execute(disk.FOLLOW.format(column="holder"), [shape.name])
                self.base.execute(disk.OVERRULED, [shape.name])
            for number, text, first in self.base.execute(
                disk.TWINS, {"shape": shape.name}
            ).fetchall():
                (known,) = self.base.execute("SELECT said FROM thing WHERE number = ?", [first])
                merged = Said.loads(known[0])
                merged.merge(Said.loads(text))
                self.base.execute(
                    "UPDATE thing SET said = ?, lists = ? WHERE number = ?",
                    (merged.dumps(), _lists(merged), first),
                )
                self.base.execute(
                    "UPDATE thing SET merged_into = ? WHERE number = ?", (first, number)
                )

    def chunks(self, shape: Shape, outcome: str | None = None) -> Iterator[list[Thing]]:
        """The things of a shape (those that ended up like this), those with an id first."""
        asked = {"shape": shape.name, "outcome": outcome, "limit": CHUNK}
        for nameless in (False, True):
            last = 0
            while rows := self.base.execute(
                disk.NEXT, {**asked, "nameless": nameless, "last": last}
            ).fetchall():
                last = rows[-1][0]
                yield [
                    Thing(number, token, external_id, owner, Said.loads(said), bool(waited), *rest)
                    for number, token, external_id, owner, said, waited, *rest in rows
                ]

    def places(self, tokens: Iterable[str]) -> dict[str, Place]:
        """Where the things that tokens name are; what is not staged here is missing."""
        found = self.base.execute(disk.PLACES, [json.dumps(list(set(tokens)))])
        return {token: Place(row, frozenset(json.loads(lists))) for token, row, lists in found}

    def settle(self, things: Iterable[Thing]) -> None:
        """Remember where things ended up."""
        self.base.executemany(
            "UPDATE thing SET row_id = ?, outcome = ? WHERE number = ?",
            [(thing.row_id, thing.outcome, thing.number) for thing in things],
        )

    def changed(self, model: str, row_ids: Iterable[int]) -> list[int]:
        """Those of the rows that had not been changed before; now they are."""
        asked = {"model": model, "rows": json.dumps(sorted(set(row_ids)))}
        fresh = [row[0] for row in self.base.execute(disk.FRESH, asked)]
        asked["rows"] = json.dumps(fresh)
        self.base.execute(disk.UPDATED, asked)
        self.base.execute(disk.ELSEWHERE, asked)
        return fresh

    def count(self) -> int:
        """How many things there are."""
        (found,) = self.base.execute("SELECT count(*) FROM thing WHERE merged_into IS NULL")
        return int(found[0])

    def outcomes(self) -> list[tuple[str, str, int]]:
        """How many things of each table ended up how."""
        return self.base.execute(
            "SELECT model, outcome, count(*) FROM thing WHERE outcome IS NOT NULL GROUP BY 1, 2 "
            "UNION ALL SELECT model, 'elsewhere', count(*) FROM elsewhere GROUP BY 1"
        ).fetchall()


def nature(shape: Shape, said: Said) -> str | None:
    """What identifies a thing without an id, as text; None when it does not say enough."""
    values = [said.value(name) for name in shape.natural]
    for place, name in enumerate(shape.natural):
        if values[place] is None:
            values[place] = default_of(shape.table, name)
    return (
        json.dumps(values, ensure_ascii=False) if values and values[0] not in {None, ""} else None
    )


def natural_token(shape: Shape, said: Said) -> str | None:
    """The token of a thing that has no id; None when it does not say enough."""
    found = nature(shape, said)
    owner = next(iter(owners_of(shape, said)), "")
    return None if found is None else token_of_nature(shape.name, json.dumps([owner, found]))


def owners_of(shape: Shape, said: Said) -> list[str]:
    """The tokens of what a thing belongs to: what it names itself, then what contains it."""
    found = (said.refs.get(name, (0, None))[1] for name in (f"{shape.owner}", f"@{shape.owner}"))
    return [token for token in found if token is not None]


def _lists(said: Said) -> str:
    return json.dumps(sorted(set(map(list_of, said.rows))))


def _columns(token: str, copy: Copy) -> tuple[Any, ...]:
    shape, said = copy.shape, copy.said
    return (
        token,
        shape.name,
        shape.kind,
        external_id_of(token),
        next(iter(owners_of(shape, said)), ""),
        nature(shape, said),
        said.dumps(),
        _lists(said),
        copy.waited,
        copy.listed.holder,
        copy.listed.key,
        copy.listed.rank,
    )
