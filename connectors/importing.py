"""The import of files: one pass reads and merges, a second writes in one transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.payloads.documents import Document, opened
from connectors.payloads.forms import Forms
from connectors.payloads.order import write
from connectors.payloads.outline import Outline
from connectors.payloads.reading import Reading
from connectors.payloads.staging import Staging
from connectors.payloads.vocabulary import Vocabulary
from connectors.payloads.writing import Writing
from connectors.recognising import recognised, vocabulary_of
from connectors.report import Report
from models.base import now
from models.database import Database
from models.errors import BadUserInput
from models.source import Source

SOURCE = Source.metadata.tables["source"]
INSERT: dict[str, Callable[..., Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"
"""For PostgreSQL, which would go on reading whole tables as it did while they were empty."""

SLICE = 0.02
"""Seconds after which others in the same process get their turn."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: ``done`` of ``total`` bytes (checking, reading) or steps (writing)."""

    step: str
    file: str | None
    done: int
    total: int


async def import_files(
    database: Database,
    paths: Sequence[Path | str],
    *,
    source: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Report:
    """Import files, ``-`` being standard input, as the rows of one source.

    The source is called ``import-<platform>`` unless named, and is made when it is missing. The
    platform is that of the source; where there is none yet, it is told from the files unless it is
    given by its ``vocabulary``. Either everything is written or nothing. Raises PayloadRefused for
    a file that cannot be taken, BadUserInput for a source of another platform than the one that is
    given, and DatabaseBusy (try again) when another writer keeps the database for too long.
    """
    with ExitStack() as stack:
        documents = (stack.enter_context(opened(path)) for path in paths)
        return await import_documents(
            database, documents, source=source, progress=progress, vocabulary=vocabulary
        )


async def import_documents(
    database: Database,
    documents: Iterable[Document],
    *,
    source: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Report:
    """Import texts that are at hand already, in the way of `import_files`."""
    vocabulary = vocabulary or await _words_of(database, source)
    read = staged(documents, source=source, progress=progress, vocabulary=vocabulary)
    async with read as ready, database.write() as session:
        await ready.write(await session.connection())
    return ready.report


@dataclass(frozen=True, slots=True)
class Staged:
    """Documents that were read and merged, and that no database has seen yet."""

    staging: Staging
    vocabulary: Vocabulary
    report: Report
    tell: Callable[[Progress], None]

    async def write(self, connection: AsyncConnection, leave: frozenset[str] = frozenset()) -> int:
        """Write them in the transaction of the connection, once; the row number of the source.

        ``leave`` are the external ids of experiments that stay as they are.

        Raises BadUserInput for a source of another platform.
        """
        if connection.dialect.name == "postgresql":
            await connection.execute(text(PLAN_ANEW))
        row = await _source(connection, self.report.source, self.vocabulary)
        count = _Count(self.tell, self.staging.count() * 2)
        writing = Writing(connection, row, self.vocabulary, self.staging, self.report, count, leave)
        await write(writing)
        count.finish()
        return row


@asynccontextmanager
async def staged(
    documents: Iterable[Document],
    *,
    source: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    vocabulary: Vocabulary | None = None,
) -> AsyncIterator[Staged]:
    """Read texts that are at hand, so that they can be written. Raises PayloadRefused.

    Which platform they are from is told by themselves, unless it is given.
    """
    tell = progress or _silent
    outlines = [Outline(document) for document in documents]
    for outline in outlines:
        await _walk(outline.walk(), "checking", outline.document, tell)
    vocabulary = recognised(outlines, vocabulary)
    report = Report(source or f"import-{vocabulary.platform.lower()}")
    with Staging() as staging:
        for outline in outlines:
            reading = Reading(vocabulary, staging, report, outline.document.name)
            await _walk(Forms(reading, outline).read(), "reading", outline.document, tell)
        staging.flush()
        yield Staged(staging, vocabulary, report, tell)


async def _walk(
    walk: Iterator[int], step: str, document: Document, tell: Callable[[Progress], None]
) -> None:
    size = document.size
    async for done in _in_slices(walk):
        tell(Progress(step, document.name, done, size))


async def _words_of(database: Database, source: str | None) -> Vocabulary | None:
    """What the platform of a source says; None for a source that is not there.

    Raises BadUserInput for one that is of no platform.
    """
    async with database.read() as session:
        platform = await session.scalar(select(SOURCE.c.platform).where(SOURCE.c.name == source))
    vocabulary = None if platform is None else vocabulary_of(platform)
    if platform is not None and vocabulary is None:
        raise BadUserInput(
            f"The source {source!r} belongs to {platform}, and takes no imports. Choose another"
            " name."
        )
    return vocabulary


async def _source(connection: AsyncConnection, name: str, vocabulary: Vocabulary) -> int:
    """The row of the source, made when it is missing, and locked against other imports into it."""
    insert = INSERT[connection.dialect.name](SOURCE)
    values = {"name": name, "platform": vocabulary.platform, "created_at": now()}
    await connection.execute(insert.values(values).on_conflict_do_nothing())
    locked = select(SOURCE.c.id, SOURCE.c.platform).where(SOURCE.c.name == name)
    row = (await connection.execute(locked.with_for_update(key_share=True))).one()
    if row.platform != vocabulary.platform:
        raise BadUserInput(
            f"The source {name!r} belongs to {row.platform}, and cannot take what is from"
            f" {vocabulary.platform}. Choose another name."
        )
    return int(row.id)


async def _in_slices(walk: Iterator[int]) -> AsyncIterator[int]:
    """Walk, and let others in the same process have their turn in between."""
    last, done = monotonic(), 0
    for done in walk:
        if monotonic() - last > SLICE:
            yield done
            await asyncio.sleep(0)
            last = monotonic()
    yield done


class _Count:
    """Counts what was written, and tells."""

    def __init__(self, tell: Callable[[Progress], None], total: int) -> None:
        self.tell = tell
        self.total = total
        self.done = 0

    def __call__(self, more: int) -> None:
        self.done = min(self.done + more, self.total)
        self.tell(Progress("writing", None, self.done, self.total))

    def finish(self) -> None:
        """Tell that everything is written: merging made fewer things of them."""
        self(self.total)


def _silent(_progress: Progress) -> None:
    pass
