"""Case folding that every database does alike.

SQLite folds ASCII only and PostgreSQL folds by the locale of the machine, so one text would match
on one of them and not on the other. Here is one table, letter for letter, that both are given:
SQLite as a Python function, PostgreSQL as a SQL function (made by a migration).

The table holds the letters of Unicode 3.2, which Python carries in a frozen copy: the folding of
an assigned letter never changes, so the table is the same under every version of Python.
"""

import unicodedata
from functools import lru_cache

FUNCTION = "trialgraph_fold"
"""The name of the SQL function, on both databases."""

LAST_CASED = 0x10450
"""Behind the last letter with a case in Unicode 3.2 (Deseret)."""


@lru_cache(maxsize=1)
def table() -> dict[int, str]:
    """Code point → folded letter, for every letter that folds to a single other one."""
    return {
        code: folded for code in range(LAST_CASED) if (folded := _folded(chr(code))) != chr(code)
    }


def fold(value: str | None) -> str | None:
    """The text with the case of every letter folded; None stays None, as in SQL."""
    if value is None:
        return None
    return value.lower() if value.isascii() else value.translate(table())


def postgresql_function() -> str:
    """The statement that gives PostgreSQL the same function."""
    letters = "".join(map(chr, table()))
    folded = "".join(table().values())
    return (
        f"CREATE OR REPLACE FUNCTION {FUNCTION}(value text) RETURNS text "
        "LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$ SELECT CASE "
        'WHEN octet_length(value) = length(value) THEN lower(value COLLATE "C") '
        f"ELSE translate(value, '{letters}', '{folded}') END $fold$"
    )


def _folded(letter: str) -> str:
    if unicodedata.ucd_3_2_0.category(letter) == "Cn":
        return letter
    for candidate in (letter.casefold(), letter.lower()):
        if len(candidate) == 1:
            return candidate
    return letter
