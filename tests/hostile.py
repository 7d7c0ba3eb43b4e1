"""Requests that are meant to hurt, and how each is refused."""

from dataclasses import dataclass
from typing import Any

import orjson

INVALID = "GRAPHQL_VALIDATION_FAILED"
BAD = "BAD_USER_INPUT"
UNPARSED = "GRAPHQL_PARSE_FAILED"


@dataclass(frozen=True)
class Hostile:
    """A body, and what its refusal says: the code, and the limit where it is one that is set."""

    body: bytes
    code: str
    limit: str | None
    status: int = 200


def asking(query: str, limit: str | None, code: str = INVALID, **variables: Any) -> Hostile:
    """A request as clients send it."""
    return Hostile(orjson.dumps({"query": query, "variables": variables}), code, limit)


def nested(levels: int) -> dict[str, Any]:
    """A condition that denies itself so many times."""
    where: dict[str, Any] = {}
    for _ in range(levels):
        where = {"not": where}
    return where


def fragments(count: int, body: str) -> str:
    """So many fragments on experiments, with what each asks for."""
    return " ".join(f"fragment F{i} on Experiment {{ {body} }}" for i in range(count))


DOUBLING = " ".join(
    f"fragment F{i} on Experiment {{ a: template {{ ...F{i + 1} }} b: template {{ ...F{i + 1} }} }}"
    for i in range(40)
)
FILTERED = "query($where: ExperimentWhere) { experiments(where: $where) { totalCount } }"
CROWDED = " ".join(f"...F{i}" for i in range(150))

HOSTILE = {
    "deep": asking(
        "{ experiments { nodes {" + "template {" * 40 + "id" + "}" * 40 + "} } }", "MAX_DEPTH"
    ),
    "wide": asking("{ experiments { nodes {" + "id " * 1200 + "} } }", "MAX_FIELDS"),
    "aliased": asking(
        "{ experiments { nodes {" + " ".join(f"a{i}: id" for i in range(200)) + "} } }",
        "MAX_ALIASES",
    ),
    "many at once": asking(
        "{" + " ".join("experiments { totalCount }" for _ in range(60)) + "}", "MAX_ROOT_FIELDS"
    ),
    "endless": asking("{ experiments { nodes {" + "id " * 20_000 + "} } }", "MAX_TOKENS", UNPARSED),
    "long": asking("{ viewer { name } }" + " " * 500_000, "MAX_DOCUMENT_CHARACTERS"),
    "huge": Hostile(b'{"query": "' + b"x" * 2_000_000 + b'"}', BAD, "MAX_BODY_BYTES", 413),
    "decorated": asking(
        "{ experiments { nodes {" + "id @skip(if: false) " * 200 + "} } }", "MAX_DIRECTIVES"
    ),
    "decorated in one place": asking(
        "{ viewer { name " + "@skip(if: false) " * 50 + "} }", "MAX_FIELD_DIRECTIVES"
    ),
    "doubling": asking(
        "{ experiments { nodes { ...F0 } } } " + DOUBLING + " fragment F40 on Experiment { id }",
        "MAX_DEPTH",
    ),
    "crowded": asking(
        f"{{ experiments {{ nodes {{ {CROWDED} }} }} }} "
        + fragments(150, "owners { id teams { id } }"),
        "MAX_COMPARISONS",
    ),
    "fragmented": asking("{ viewer { name } } " + fragments(400, "id"), "MAX_DEFINITIONS"),
    "literal": asking(
        "{ experiments(where: {or: [" + '{key: {eq: "a"}}' * 350 + "]}) { totalCount } }",
        "MAX_LITERALS",
    ),
    "declaring": asking(
        "query(" + " ".join(f"$v{i}: Int" for i in range(300)) + ") { viewer { name } }",
        "MAX_VARIABLES",
    ),
    "filtered deeply": asking(FILTERED, "MAX_WHERE_DEPTH", BAD, where=nested(28)),
    "filtered very deeply": asking(FILTERED, "MAX_VARIABLE_DEPTH", BAD, where=nested(200)),
    "filtered widely": asking(
        FILTERED, "MAX_WHERE_CONDITIONS", BAD, where={"or": [{"key": {"eq": "a"}}] * 3_000}
    ),
    "filtered by very much": asking(
        FILTERED, "MAX_WHERE_VALUES", BAD, where={"key": {"in": ["a"] * 15_000}}
    ),
    "bulky": asking(FILTERED, "MAX_VARIABLE_VALUES", BAD, where={"key": {"in": ["a"] * 150_000}}),
    "ordered": asking(
        "query($by: [ExperimentOrder!]) { experiments(orderBy: $by) { totalCount } }",
        "MAX_ORDER_FIELDS",
        BAD,
        by=[{"key": "ASC"}] * 5_000,
    ),
    "paged": asking("{ experiments(first: 1000000) { nodes { id } } }", "MAX_PAGE", BAD),
    "dear": asking(
        "{ teams(first: 200) { nodes { experiments(first: 200) { nodes { owners { id } } } } } }",
        "MAX_COST",
    ),
    "circular": asking(
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", None
    ),
    "batched": Hostile(orjson.dumps([{"query": "{ viewer { name } }"}] * 5_000), BAD, None, 400),
    "brackets": Hostile(b'{"query": "{ a }", "variables": ' + b"[" * 900_000, BAD, None, 400),
    "no text": Hostile(b'{"query": "\xff\xfe"}' * 50_000, BAD, None, 400),
}
