"""What is asked: five operations, with variables that are random and the same for everybody."""

import json
import random
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import models as m
from benchmarks.data import Loaded
from resolvers.identity import encode
from resolvers.ordering import Term
from resolvers.paging import encode as cursor

QUERIES = Path(__file__).parent / "queries"
PAGE = 50
BODIES = 500
"""How many bodies there are for each cell; then they begin again."""

Speech = Callable[[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Cell:
    """An operation and what it is asked about."""

    name: str
    title: str
    document: str
    numbers: Callable[[Loaded], Sequence[int]]

    def variables(self, loaded: Loaded) -> list[dict[str, Any]]:
        """Numbers of rows, as nobody in particular writes them; the seed is the cell's name."""
        dice = random.Random(self.name)  # noqa: S311  what is wanted is that it repeats
        numbers = self.numbers(loaded)
        if self.document in {"list", "nested"}:
            return [{"after": dice.choice(numbers)} for _ in range(BODIES)]
        if self.document == "one":
            return [{"id": dice.choice(numbers)} for _ in range(BODIES)]
        return [
            {"id": dice.choice(numbers), "text": f"Said {dice.getrandbits(64):016x}"}
            for _ in range(BODIES)
        ]


def _starts(numbers: Sequence[int]) -> Sequence[int]:
    """The rows after which a whole page follows."""
    return numbers[:-PAGE]


CELLS = (
    Cell("list", "50 experiments, scalars", "list", lambda rows: _starts(rows.shared)),
    Cell("nested", "50 with everything nested", "nested", lambda rows: _starts(rows.shared)),
    Cell("apart", "the same, nothing shared", "nested", lambda rows: _starts(rows.apart)),
    Cell("one", "one with everything", "one", lambda rows: rows.shared),
    Cell("update", "one small change", "update", lambda rows: rows.apart),
)


def body(speaks: str, document: str, variables: dict[str, Any], digest: str) -> bytes:
    """The request that asks a document of a server that speaks so.

    ``digest`` is what PostGraphile puts into its cursors to tell orders apart.
    """
    told = {name: said(speaks, name, value, digest) for name, value in variables.items()}
    text = source("postgraphile" if speaks == "postgraphile" else "", document)
    asked = {"query": text, "operationName": document.title(), "variables": told}
    return json.dumps(asked).encode()


def said(speaks: str, name: str, value: Any, digest: str) -> Any:
    """A variable as a server that speaks so is told it."""
    if name not in {"id", "after"}:
        return value
    if speaks == "gateway":
        return encode("Experiment", value) if name == "id" else _cursor(value)
    if speaks == "postgraphile" and name == "after":
        return b64encode(json.dumps([digest, str(value)], separators=(",", ":")).encode()).decode()
    return str(value)


def _cursor(number: int) -> str:
    return cursor([Term("id", m.Experiment.id, descending=False, nullable=False)], [number])


@cache
def source(folder: str, document: str) -> str:
    """A document with the fragments that it uses."""
    text = (QUERIES / folder / f"{document}.graphql").read_text()
    if "...Whole" in text:
        text += (QUERIES / folder / "whole.graphql").read_text()
    return text
