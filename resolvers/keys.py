"""``column = any of these keys``, as one parameter however many keys there are.

A list of parameters would make a new statement for each count, and stops at 32,766 of them.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class KeyList(TypeDecorator[Sequence[int]]):
    """Row numbers: an array on PostgreSQL, a JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The parameter's type on this database."""
        return ARRAY(BigInteger()) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """The parameter's value on this database."""
        return value if dialect.name == "postgresql" else json.dumps(value)


class KeyedBy(FunctionElement[bool]):
    """Whether a column holds one of the keys."""

    type = Boolean()
    inherit_cache = True
    # Without this SQLite is asked "column IN (…) = 1", which no index answers.
    _is_implicitly_boolean = True


def keyed_by(column: Any, keys: Sequence[int] | str | ColumnElement[Any]) -> KeyedBy:
    """Whether ``column`` holds one of ``keys``; a text is the parameter that they come by.

    They may be an expression for an array too, where there are arrays.
    """
    if isinstance(keys, ColumnElement):
        return KeyedBy(column, keys)
    if isinstance(keys, str):
        # None until it is given: lists beside it are written out only where no value is missing.
        return KeyedBy(column, bindparam(keys, None, type_=KeyList()))
    return KeyedBy(column, bindparam(None, list(keys), type_=KeyList()))


@compiles(KeyedBy, "postgresql")
def _array(element: KeyedBy, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY({keys})"


@compiles(KeyedBy, "sqlite")
def _json(element: KeyedBy, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608  compiled clauses
