"""Payloads of every platform for tests, and how they are imported and looked at."""

import json
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select

import models as m
from connectors.importing import import_documents
from connectors.payloads.documents import Document
from connectors.payloads.vocabulary import Vocabulary
from connectors.report import Report
from models.database import Database

PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> Any:
    """The payload in a file, such as ``posthog/holdouts``."""
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def payloads(platform: str) -> list[str]:
    """The names of all payloads of a platform."""
    return sorted(f"{platform}/{path.stem}" for path in (PAYLOADS / platform).glob("*.json"))


async def take(
    database: Database,
    *documents: Any,
    source: str | None = None,
    vocabulary: Vocabulary | None = None,
) -> Report:
    """Import documents one after the other; the report of the last."""
    report = Report("")
    for said in documents:
        document = Document("file", BytesIO(json.dumps(said).encode()))
        report = await import_documents(database, [document], source=source, vocabulary=vocabulary)
    return report


async def together(database: Database, documents: Iterable[Any], **options: Any) -> Report:
    """Import documents as one import, each a file of its own."""
    texts = [json.dumps(said).encode() for said in documents]
    files = [Document(f"file-{place}", BytesIO(text)) for place, text in enumerate(texts)]
    return await import_documents(database, files, **options)


async def rows(database: Database, model: Any, *columns: str) -> list[Any]:
    """The rows of a table, in order; as tuples of some columns, or of the only one."""
    async with database.read() as session:
        table = model.__table__
        found = await session.execute(select(table).order_by(*table.primary_key.columns))
        said = [tuple(getattr(row, name) for name in columns) for row in found]
    return [row[0] if len(columns) == 1 else row for row in said]


async def dump(database: Database) -> list[list[tuple[Any, ...]]]:
    """Everything in every table: what a refusal, or a second import, must leave as it was."""
    async with database.read() as session:
        return [
            sorted((tuple(row) for row in await session.execute(select(table))), key=repr)
            for table in m.Source.metadata.sorted_tables
        ]


OURS = frozenset({"id", "version", "source_id", "family_id"})


async def portrait(database: Database, source: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a source without numbers of ours: a reference is what its target is called."""
    tables = m.Source.metadata.sorted_tables
    called: dict[tuple[str, int], str] = {}
    found: dict[str, list[dict[str, Any]]] = {}
    async with database.read() as session:
        sources = {row.id: row.name for row in await session.execute(select(tables_of("source")))}
        for table in tables:
            ends = {end.parent.name: end.column.table.name for end in table.foreign_keys}
            for said in (await session.execute(select(table))).mappings():
                row = dict(said)
                points = {name: called.get((end, said[name])) for name, end in ends.items()
                          if said[name] is not None and name not in OURS}  # fmt: skip
                names = [row.get(name) for name in ("external_id", "key", "tag", "name", "email")]
                whose = [point for point in points.values() if point]
                is_ours = sources.get(row["source_id"]) == source if "source_id" in row else whose
                if not is_ours:
                    continue
                if "id" in row:
                    name = next((str(each) for each in names if each is not None), "")
                    called[table.name, row["id"]] = " of ".join([name, *whose])
                rest = {name: value for name, value in row.items() if name not in OURS}
                found.setdefault(table.name, []).append(rest | points)
    return {name: sorted(said, key=repr) for name, said in found.items()}


def tables_of(name: str) -> Any:
    """A table by its name."""
    return m.Source.metadata.tables[name]
