"""Generated code: for each selection a function that makes the answers of all its rows.

A field that is read from the row becomes a few lines, in which a value of the expected class costs
one comparison. Every other value takes the slow way, which knows all the rules.
"""

import math
from collections.abc import Callable, Sequence
from keyword import iskeyword
from typing import Any, cast

from graphql import GraphQLLeafType, is_leaf_type
from graphql.pyutils import Undefined

from execution.kinds import Attribute, Batch
from execution.leaves import quick
from execution.plan import Build, Field

TYPENAME = "__typename"


def builder(fields: Sequence[Field]) -> Build:
    """The function that makes the answers of a selection's rows."""
    names: dict[str, Any] = {"isfinite": math.isfinite, "Undefined": Undefined}
    lines = ["def build(rows, slow):", " answers = []", " for row in rows:"]
    entries = []
    for field in fields:
        value = "None"
        if field.name == TYPENAME:
            value = repr(field.parent.name)
        elif is_leaf_type(field.shape.named) and not isinstance(field.kind, Batch):
            value = f"v{field.number}"
            lines += [f"  {line}" for line in _lines(field, field.kind, names)]
        entries.append(f"{field.key!r}: {value}")
    lines += [f"  answers.append({{{', '.join(entries)}}})", " return answers", ""]
    # Nothing but names, which are identifiers, and numbers of ours gets into the text.
    exec(compile("\n".join(lines), "<selection>", "exec"), names)  # noqa: S102
    return cast("Build", names["build"])


def reader(kind: Any) -> Callable[[Any], Any]:
    """The function that reads an attribute, or the pure function."""
    return cast("Callable[[Any], Any]", kind.read)


def _lines(field: Field, kind: Any, names: dict[str, Any]) -> list[str]:
    """The lines that read a value as `v`, and leave its answer in the field's variable."""
    number, nullable = field.number, not field.shape.required[0]
    if isinstance(kind, Attribute) and kind.name.isidentifier() and not iskeyword(kind.name):
        read = f"row.{kind.name}"
    else:
        names[f"read{number}"] = reader(kind)
        read = f"read{number}(row)"
    body = _written(field, names, f"v = slow({number}, v, len(answers))")
    return [
        "try:",
        f" v = {read}",
        "except Exception as error:",
        " v = error",
        *(["if v is not None:", *(f" {line}" for line in body)] if nullable else body),
        f"v{number} = v",
    ]


def _written(field: Field, names: dict[str, Any], slow: str) -> list[str]:
    """The lines that turn `v` into its answer."""
    shape, number = field.shape, field.number
    known = quick(cast("GraphQLLeafType", shape.named))
    if shape.depth == 1 and known and known.is_plain:
        allowed = {known.of} if shape.required[1] else {known.of, type(None)}
        names[f"all{number}"], names[f"list{number}"] = allowed, list
        test = f"v.__class__ is list{number} and all{number}.issuperset(map(type, v))"
        return [f"if not ({test}): {slow}"]
    if shape.depth:
        return [slow]
    if known is None:
        return _asked(field, names, slow)
    names[f"of{number}"] = known.of
    test = f"v.__class__ is of{number}" + (f" and {known.test}" if known.test else "")
    if known.table is None:
        return [f"if not ({test}): {slow}"]
    names[f"table{number}"] = known.table
    return [f"if {test}: v = table{number}[v]", f"else: {slow}"]


def _asked(field: Field, names: dict[str, Any], slow: str) -> list[str]:
    """A value that only its type can write."""
    number = field.number
    names[f"write{number}"] = cast("GraphQLLeafType", field.shape.named).coerce_output_value
    return [
        f"if v is None or v is Undefined or isinstance(v, Exception): {slow}",
        "else:",
        " given = v",
        f" try: v = write{number}(v)",
        " except Exception as error: v = error",
        " if v is None or v is Undefined:",
        "  v = given",
        f"  {slow}",
        f" elif isinstance(v, Exception): {slow}",
    ]
