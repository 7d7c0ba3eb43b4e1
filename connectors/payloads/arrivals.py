"""What was waited for and has arrived: columns and link rows are filled, in either order."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, select

from connectors.payloads.entries import decode
from connectors.payloads.links import add_links
from connectors.payloads.references import REFERENCE
from connectors.payloads.shapes import Shape
from connectors.payloads.tokens import token_of_id
from connectors.payloads.writing import Values, Writing

CHUNK = 500


async def welcome(writing: Writing) -> None:
    """Fill every slot whose target is here by now; a slot without its holder is forgotten."""
    columns = REFERENCE.columns
    slots = await writing.rows(
        select(columns.holder_type, columns.field, columns.target_type)
        .where(columns.source_id == writing.source, columns.holder_id > 0)
        .distinct()
        .order_by(columns.holder_type, columns.field, columns.target_type)
    )
    tables = REFERENCE.metadata.tables
    for holder_type, field, target_type in slots:
        holder, shape = tables[holder_type], _target(writing, field, target_type)
        fill = _fill_column if field in holder.columns else _fill_links
        while arrived := await _arrived(writing, holder, field, shape):
            present = [row for row in arrived if row.holder is not None]
            await fill(writing, holder, field, shape, present)
            await writing.delete(REFERENCE, [{"id": row.id} for row in arrived])


async def _arrived(writing: Writing, holder: Table, field: str, shape: Shape) -> Sequence[Any]:
    columns, target = REFERENCE.columns, shape.table.alias("target")
    current = [holder.columns[field].label("current")] if field in holder.columns else []
    return await writing.rows(
        select(
            columns.id,
            columns.link_values,
            columns.target_external_id,
            holder.columns.id.label("holder"),
            target.columns.id.label("target"),
            *current,
        )
        .select_from(REFERENCE)
        .join(target, target.columns.external_id == columns.target_external_id)
        .outerjoin(holder, holder.columns.id == columns.holder_id)
        .where(columns.source_id == writing.source, columns.holder_type == holder.name)
        .where(columns.field == field, columns.target_type == shape.kind)
        .where(*writing.within(shape, target))
        .order_by(columns.id)
        .limit(CHUNK)
    )


def _target(writing: Writing, field: str, target_type: str) -> Shape:
    """The shape that a slot waits for; which family of tags, only the association tells."""
    shapes = writing.vocabulary.shapes
    for shape in shapes.values():
        for part in shape.lists.values():
            if part.kind == field and part.target:
                found = shapes[part.target.shape]
                if found.kind == target_type:
                    return found
    return next(shape for shape in shapes.values() if shape.kind == target_type)


async def _fill_column(
    writing: Writing, holder: Table, field: str, _shape: Shape, arrived: Sequence[Any]
) -> None:
    """Set the column, unless something else was put there since; a stand-in always gives way."""
    stand_in = not holder.columns[field].nullable
    changes: list[tuple[Values, Values]] = [
        ({"id": row.holder}, {field: row.target})
        for row in arrived
        if row.current is None or (stand_in and row.current != row.target)
    ]
    await writing.update(holder, changes)
    await writing.changed(holder, [key["id"] for key, _ in changes])


async def _fill_links(
    writing: Writing, holder: Table, field: str, shape: Shape, arrived: Sequence[Any]
) -> None:
    """Add the link rows; an owner that says its list itself has said enough."""
    table = REFERENCE.metadata.tables[field]
    owner_column = table.primary_key.columns[0].name
    forward = owner_column == f"{holder.name}_id"
    places = writing.staging.places(
        token_of_id(shape.name, row.target_external_id) for row in arrived
    )
    links: list[Values] = []
    for row in arrived:
        place = places.get(token_of_id(shape.name, row.target_external_id))
        if forward or place is None or not shape.says(table, place.lists):
            ends = {f"{holder.name}_id": row.holder, f"{shape.kind}_id": row.target}
            links.append(decode(table, dict(row.link_values or {})) | ends)
    await add_links(writing, table, holder if forward else shape.table, links)
