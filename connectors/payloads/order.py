"""The order of the steps in which a staged payload becomes rows."""

from collections.abc import Sequence

from sqlalchemy import func, select

from connectors.payloads.arranging import arrange
from connectors.payloads.arrivals import welcome
from connectors.payloads.entries import entry_of
from connectors.payloads.families import date_first_starts, unite_families
from connectors.payloads.links import write_links
from connectors.payloads.owned import follow_variants, write_rows
from connectors.payloads.references import REFERENCE, point
from connectors.payloads.rows import SETTLED, settle
from connectors.payloads.shapes import Shape
from connectors.payloads.waiting import keep, recall
from connectors.payloads.writing import Writing
from models.experiment import Experiment


async def write(writing: Writing) -> None:
    """Write everything that is staged. First all rows, then what they say of each other."""
    shapes = list(writing.vocabulary.shapes.values())
    late = [shape for shape in shapes if shape.through]
    await recall(writing)
    writing.staging.unite(shapes)
    await _write(writing, [shape for shape in shapes if shape not in late])
    await _write(writing, late)
    await welcome(writing)
    await unite_families(writing)
    await date_first_starts(writing)
    if writing.vocabulary.afterwards is not None:
        await writing.vocabulary.afterwards(writing)
    await keep(writing)
    await _report(writing)


async def _write(writing: Writing, shapes: Sequence[Shape]) -> None:
    for shape in shapes:
        await settle(writing, shape)
    for shape in shapes:
        if shape.ordinal:
            moved = await arrange(writing, shape)
            await follow_variants(writing, sorted(moved))
    for shape in shapes:
        await _connect(writing, shape)


async def _connect(writing: Writing, shape: Shape) -> None:
    """Write the references and lists of every thing of a shape that has a row."""
    for things in writing.staging.chunks(shape):
        entries = [entry_of(shape, thing) for thing in things if thing.outcome in SETTLED]
        writing.done(len(things))
        if not entries:
            continue
        places = await writing.places(
            token for entry in entries for token in entry.thing.said.tokens()
        )
        await point(writing, shape, entries, places)
        changed: set[int] = set()
        for part in shape.lists.values():
            changed |= await write_rows(writing, shape, part, entries, places)
        for back in shape.backs:
            await write_links(writing, shape, back, entries, places)
        if changed and shape.model is Experiment:
            await follow_variants(writing, sorted(changed))
        await writing.changed(shape.table, changed)


async def _report(writing: Writing) -> None:
    report = writing.report
    for kind, outcome, count in writing.staging.outcomes():
        if outcome in SETTLED:
            report.outcomes[(kind, outcome)] += count
        elif outcome == "elsewhere":
            report.elsewhere[kind] += count
    waiting = await writing.rows(
        select(func.count()).where(REFERENCE.columns.source_id == writing.source)
    )
    report.waiting = waiting[0][0]
