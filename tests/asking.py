"""Requests that make any mutation and ask for everything that its payload shows."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type, is_leaf_type

from gateway.app import graph
from resolvers.identity import decode, encode

SCHEMA: Any = graph()._schema  # noqa: SLF001  Strawberry has no public name for it
MUTATIONS: dict[str, Any] = SCHEMA.mutation_type.fields
MISSING = 900_000_000
"""The number of a row that no table has."""

Call = tuple[str, dict[str, Any]]
"""The name of a mutation, and its input."""


def _selection(kind: Any, levels: int) -> str:
    """Every field of a type, and what stands behind it, for some levels; at the last one its id."""
    asked = ["__typename"]
    for name, found in kind.fields.items():
        inner = get_named_type(found.type)
        if name == "errors":
            asked.append("errors { ...Wrong }")
        elif is_leaf_type(inner):
            asked.append(name)
        elif not found.args and isinstance(inner, GraphQLObjectType):
            asked.append(f"{name} {{ {_behind(name, inner, levels)} }}")
    return " ".join(asked)


def _behind(name: str, inner: Any, levels: int) -> str:
    if name != "results" and "id" in inner.fields and levels < 2:
        return "__typename id"
    return _selection(inner, max(levels - 1, 0)) if levels or name == "results" else "__typename"


WRONG = """fragment Wrong on UserError { __typename message path code
  ... on Forbidden { scope } ... on ValidationFailed { fields { path message rule } }
  ... on StaleVersion { currentVersion } ... on InvalidTransition { action from allowed }
  ... on NotReady { blockers { code } } ... on ApprovalRequired { changeRequest { id intent } }
  ... on Taken { field value } ... on InUse { by { __typename id } } }"""


def request(calls: Sequence[Call], levels: int = 0) -> dict[str, Any]:
    """The body of a request that makes the calls and asks for all that their payloads show."""
    declared, asked, variables = [], [], {}
    for place, (name, given) in enumerate(calls):
        shown = MUTATIONS[name]
        declared.append(f"$g{place}: {shown.args['input'].type}")
        payload = _selection(get_named_type(shown.type), levels)
        asked.append(f"r{place}: {name}(input: $g{place}) {{ {payload} }}")
        variables[f"g{place}"] = given
    query = f"mutation({', '.join(declared)}) {{ {' '.join(asked)} }} {WRONG}"
    return {"query": query, "variables": variables}


def ids_of_inputs() -> Iterable[tuple[str, str]]:
    """Each field of an input that takes an id, at any depth, with its mutation."""
    for name, shown in MUTATIONS.items():
        for path in _ids(get_named_type(shown.args["input"].type), ()):
            yield name, ".".join(path)


def _ids(kind: Any, path: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for name, found in kind.fields.items():
        inner = get_named_type(found.type)
        if inner.name == "ID":
            yield (*path, name)
        elif isinstance(inner, GraphQLInputObjectType):
            yield from _ids(inner, (*path, name))


def missing(number: str) -> str:
    """An id of the same type that no row has."""
    return encode(decode(number)[0].__name__, MISSING)


def nothing_of_a_row(payload: dict[str, Any]) -> bool:
    """Whether a payload shows nothing but why it was refused."""
    beside = payload.keys() - {"__typename", "ok", "errors", "replayed"}
    return not payload["ok"] and not any(payload[name] for name in beside)


def same(one: Any, other: Any, *ids: tuple[str, str]) -> bool:
    """Whether two payloads say the same, each of its own ids."""
    text = json.dumps(one)
    for mine, theirs in ids:
        text = text.replace(mine, theirs)
    return text == json.dumps(other)
