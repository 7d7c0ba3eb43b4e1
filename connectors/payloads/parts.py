"""How the parts of an object are read: rows of its own, things in it, things that point at it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.payloads.holdings import LEFT, Back, Contained, Keyed, One, Rows
from connectors.payloads.said import Row
from connectors.payloads.staging import Listed
from connectors.payloads.values import Unreadable, key_text, shown, verbatim

if TYPE_CHECKING:  # `reading` reads parts, and parts hold what `reading` reads
    from connectors.payloads.reading import Found, Holder, Place, Reading
    from connectors.payloads.shapes import Object


def read_part(reading: "Reading", holder: "Holder", found: "Found") -> None:
    """Read a part that may need to know what its holder is called."""
    match found.part:
        case Rows() as part:
            _rows(reading, holder, part, found)
        case Contained() as part:
            _contained(reading, holder, part, found)
        case Keyed() as part:
            _keyed(reading, holder, part, found)
        case Back() as part:
            _back(reading, holder, part, found)


def _rows(reading: "Reading", holder: "Holder", part: Rows, found: "Found") -> None:
    value = found.value[found.key]
    if value is None and not part.single:
        return
    if isinstance(value, dict) and part.keyed_by:
        value = [{part.keyed_by: key, **entry} for key, entry in value.items()]
        found = replace(found, value={found.key: value})
    counted: Counter[tuple[Any, ...]] = Counter()
    rows = [_row(reading, holder, part, item, counted) for item in _items(reading, found)]
    known = [row for row in rows if row is not None]
    if known or not value:
        left = [_nested(row, LEFT) for row in known]
        if any(left):
            reading.keep(holder, part.name, left)
        for row in known:
            rest = _nested(row, part.shape.rest)
            row["fields"] |= {part.shape.rest: rest} if rest else {}
        for name, slice_rows in _slices(part, known).items():
            holder.said.rows[name] = [holder.rank, slice_rows]


def _slices(part: Rows, rows: list[Row]) -> dict[str, list[Row]]:
    """The rows by what they are said as: the list, or those of its slices that are spoken of."""
    if not part.slices:
        return {part.name: rows}
    found: dict[str, list[Row]] = {}
    for row in rows:
        said = row["fields"] | row["refs"]
        found.setdefault(part.slice(said.get(name) for name in part.slices), []).append(row)
    return found


def _row(
    reading: "Reading",
    holder: "Holder",
    part: Rows,
    item: tuple["Object", "Place"],
    counted: Counter[tuple[Any, ...]],
) -> Row | None:
    value, place = item
    target = part.target
    if target and target.key not in value and target.beside not in value:
        value = {target.key: value}
    row = type(holder)(part.shape, 0, token=holder.token)
    reading.ones(row, reading.scan(row, value, place))
    fields = {name: said for name, (_, said) in row.said.fields.items()}
    refs = {name: token for name, (_, token) in row.said.refs.items()}
    if target and refs.get(target.column) is None:
        _nameless(reading, holder, target.shape, part.name, value.get(target.key))
        return None
    for name in part.within:
        fields.setdefault(name, part.default(name))
    among = tuple(fields[name] for name in part.within)
    if part.ordinal:
        fields.setdefault(part.ordinal, counted[among])
    counted[among] += 1
    return {"fields": fields, "refs": refs}


def _contained(reading: "Reading", holder: "Holder", part: Contained, found: "Found") -> None:
    refs = holder.said.refs
    within = dict.fromkeys(part.back, holder.token)
    within |= {name: refs[name][1] for name in part.same if name in refs}
    owned = reading.vocabulary.shapes[part.shape].owner is not None
    listed = Listed(holder.token or "", found.key, holder.rank) if owned else None
    tokens: list[str] = []
    for number, (entry, place) in enumerate(_items(reading, found)):
        at = replace(listed, place=number) if listed and part.whole else listed
        token = reading.entity(part.shape, entry, place, within=within, listed=at)
        if part.family and token and holder.token:
            reading.staging.relate(holder.token, token)
        tokens += [token] if token else []
    if part.whole and found.value[found.key] is not None:
        holder.said.wholes[part.shape] = [holder.rank, list(dict.fromkeys(tokens))]


def _keyed(reading: "Reading", holder: "Holder", part: Keyed, found: "Found") -> None:
    for entry, place in _items(reading, found):
        try:
            key = key_text(entry.get(part.key))
        except Unreadable as error:
            reading.refuse(place.at(part.key), str(error))
        if key:
            said = {**verbatim(entry), part.key: key}
            holder.said.fields[f"{part.column}.{key}"] = [holder.rank, said]
        else:
            reading.report.skip(holder.shape.kind, f"an item of {part.column} has no {part.key}")


def _back(reading: "Reading", holder: "Holder", part: Back, found: "Found") -> None:
    one = One(part.key, part.beside, "", part.shape)
    links = holder.said.links.setdefault(part.kind, [])
    for entry, place in _items(reading, found):
        bare = part.key not in entry and part.beside not in entry
        value = {part.key: entry} if bare else entry
        _, token = reading.one(one, value, place, holder)
        if token is None:
            _nameless(reading, holder, part.shape, found.key, value.get(part.key))
        else:
            links.append(token)


def _items(reading: "Reading", found: "Found") -> Iterator[tuple["Object", "Place"]]:
    """The objects of a list, or the object that stands there instead of a list."""
    value = found.value[found.key]
    for index, entry in enumerate(value) if isinstance(value, list) else [(None, value)]:
        place = found.place.at(found.key, index)
        if isinstance(entry, dict) and entry:
            yield entry, place
        elif entry is not None and entry != {}:
            reading.refuse(place, f"expected an object, got {shown(entry)}")


def _nameless(reading: "Reading", holder: "Holder", shape: str, name: str, nested: Any) -> None:
    """Count a row that names nothing; a nested object without a name was counted already."""
    if not nested:
        kind = reading.vocabulary.shapes[shape].kind
        reading.report.skip(kind, f"a row of {holder.shape.name}.{name} names none")


def _nested(row: Row, rest: str) -> dict[str, Any]:
    """Take out of a row what the model has no place for."""
    names = [name for name in row["fields"] if name.startswith(f"{rest}.")]
    return {name.removeprefix(f"{rest}."): row["fields"].pop(name) for name in names}
