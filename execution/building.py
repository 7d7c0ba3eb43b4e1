"""Generated code: for each selection a function that makes the answers of all its rows.

It works by columns: a field is read of all rows, and where all values are of the expected class,
which is seen at once, they are answered as they are. Otherwise every value of the column takes the
slow way, which knows all the rules.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from keyword import iskeyword
from typing import Any, cast

from graphql import GraphQLLeafType, is_leaf_type
from graphql.pyutils import Undefined

from execution.kinds import Attribute, Batch
from execution.leaves import Quick, quick
from execution.plan import Build, Field

TYPENAME = "__typename"


def builder(fields: Sequence[Field]) -> Build:
    """The function that makes the answers of a selection's rows."""
    names: dict[str, Any] = {"each": each, "wrote": wrote, "flat": chain.from_iterable}
    names |= {"isfinite": math.isfinite, "some": _some}
    lines = ["def build(rows, slow):"]
    entries, columns = [], []
    for field in fields:
        value = "None"
        if field.name == TYPENAME:
            value = repr(field.parent.name)
        elif is_leaf_type(field.shape.named) and not isinstance(field.kind, Batch):
            value = f"v{field.number}"
            columns.append(field.number)
            lines += [f" {line}" for line in _lines(field, names)]
        entries.append(f"{field.key!r}: {value}")
    answer = f"{{{', '.join(entries)}}}"
    if columns:
        values = "".join(f"v{number}, " for number in columns)
        found = "".join(f"c{number}, " for number in columns)
        lines.append(f" return [{answer} for {values} in zip({found})]")
    else:
        lines.append(f" return [{answer} for _ in rows]")
    # Nothing but names, which are identifiers, and numbers of ours gets into the text.
    exec(compile("\n".join(lines), "<selection>", "exec"), names)  # noqa: S102
    return cast("Build", names["build"])


def reader(kind: Any) -> Callable[[Any], Any]:
    """The function that reads an attribute, or the pure function."""
    return cast("Callable[[Any], Any]", kind.read)


def each(read: Callable[[Any], Any], rows: Iterable[Any]) -> list[Any]:
    """What is read of each row; an exception is the value of its row."""
    values = []
    for row in rows:
        try:
            values.append(read(row))
        except Exception as error:  # noqa: BLE001  whatever it is, it is the answer's
            values.append(error)
    return values


def wrote(
    write: Callable[[Any], Any], values: Sequence[Any], *, is_required: bool
) -> list[Any] | None:
    """The values as their type writes them; None where one of them needs a closer look."""
    if not _ordinary(values):
        return None
    try:
        nulls = values.count(None)
        written = [None if value is None else write(value) for value in values]
        same = written.count(None) == nulls and not (is_required and nulls)
    except Exception:  # noqa: BLE001  the closer look meets it again
        return None
    return written if same and _ordinary(written) else None


def _ordinary(values: Iterable[Any]) -> bool:
    return not any(
        kind is type(Undefined) or issubclass(kind, Exception) for kind in set(map(type, values))
    )


def _some(values: Iterable[Any]) -> list[Any]:
    """The values that are something: neither null nor nothing."""
    return list(filter(None, values)) or [0]


def _lines(field: Field, names: dict[str, Any]) -> list[str]:
    """The lines that leave the answers of a field in its column."""
    kind, number = field.kind, field.number
    names[f"read{number}"] = reader(kind)
    apart = f"c{number} = each(read{number}, rows)"
    if isinstance(kind, Attribute) and kind.name.isidentifier() and not iskeyword(kind.name):
        together = f"c{number} = [row.{kind.name} for row in rows]"
        read = [f"try: {together}", f"except Exception: {apart}"]
    else:
        read = [apart]
    return read + _written(field, names)


def _written(field: Field, names: dict[str, Any]) -> list[str]:
    """The lines that turn values into their answers."""
    shape, number = field.shape, field.number
    column = f"c{number}"
    slow = f"{column} = [slow({number}, v, row) for row, v in enumerate({column})]"
    known = quick(cast("GraphQLLeafType", shape.named))
    if shape.depth > 1 or (shape.depth and not (known and known.is_plain)):
        return [slow]
    if known is None:
        names[f"write{number}"] = cast("GraphQLLeafType", shape.named).coerce_output_value
        wrote = f"wrote(write{number}, {column}, is_required={shape.required[0]})"
        return [
            f"w{number} = {wrote}",
            f"if w{number} is None: {slow}",
            f"else: {column} = w{number}",
        ]
    tests = [f"of{number}.issuperset(map(type, {column}))"]
    if shape.depth:
        names[f"of{number}"] = _classes(list, is_required=shape.required[0])
        names[f"in{number}"] = _classes(known.of, is_required=shape.required[1])
        tests.append(f"in{number}.issuperset(map(type, flat(filter(None, {column}))))")
    else:
        names[f"of{number}"] = _classes(known.of, is_required=shape.required[0])
        tests += [test.format(f"some({column})") for test in known.tests]
    lines = [f"if not ({' and '.join(tests)}): {slow}"]
    if known.table is not None:
        names[f"table{number}"] = _table(known)
        lines.append(f"else: {column} = [table{number}[v] for v in {column}]")
    return lines


def _classes(of: type[Any], *, is_required: bool) -> set[type[Any]]:
    return {of} if is_required else {of, type(None)}


def _table(known: Quick) -> dict[Any, Any]:
    return {None: None, **(known.table or {})}
