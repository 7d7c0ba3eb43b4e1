"""Copies of one thing, anywhere in a payload: the shallowest wins, deeper ones fill its gaps."""

import json
import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import models
from connectors.importing import import_documents
from connectors.payloads import staging
from connectors.payloads.documents import Document
from connectors.report import Report
from models.database import Database
from tests.emptying import newcomer

FIELDS = ("first_name", "department", "job_title", "archived")
"""The columns of a user that are called like their keys."""

WORDS = st.sampled_from(["a", "b", "c"]) | st.none()
SAID: dict[str, st.SearchStrategy[Any]] = {
    "first_name": WORDS,
    "department": WORDS,
    "job_title": WORDS,
    "archived": st.booleans() | st.none(),
}


@st.composite
def user(draw: st.DrawFn) -> Any:
    """A copy of one of three people, by id, by email or by both; or what says nothing."""
    number = draw(st.integers(0, 3))
    if number == 0:
        return draw(st.sampled_from([None, {}]))
    said = draw(st.fixed_dictionaries({}, optional=SAID))
    named = draw(st.sampled_from(["id", "email", "both"]))
    if named != "email":
        said["id"] = number
    if named != "id":
        said["email"] = f"{number}@example.com"
    return dict(draw(st.permutations(list(said.items()))))


def one(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with some of these keys, in any order."""
    some = st.fixed_dictionaries({}, optional=parts)
    return some.flatmap(lambda said: st.permutations(list(said.items())).map(dict))


def named(kind: str, things: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    """Things that are told apart by a name."""
    names = st.sampled_from(["x", "y"])
    return st.tuples(names, things).map(lambda both: {"name": f"{kind} {both[0]}", **both[1]})


PEOPLE = {"created_by": user(), "updated_by": user()}
OWNERS = st.lists(one(user=user(), goal_id=st.just(0)) | st.none(), max_size=2)
GOAL = named("goal", one(owners=OWNERS, **PEOPLE))
METRIC = named("metric", one(owners=OWNERS, goal=GOAL, **PEOPLE))
EXPERIMENT = named(
    "experiment",
    one(
        owners=OWNERS,
        primary_metric=METRIC,
        secondary_metrics=st.lists(one(metric=METRIC), max_size=2),
        **PEOPLE,
    ),
)
PAYLOAD = one(
    experiments=st.lists(EXPERIMENT, min_size=1, max_size=3),
    metrics=st.lists(METRIC, max_size=2),
    users=st.lists(user(), max_size=2),
    goal=GOAL,
).filter(lambda said: said.keys() & {"experiments", "metrics", "goal"})


def copies(value: Any, depth: int = -1, key: str = "") -> Iterator[tuple[int, dict[str, Any]]]:
    """Every copy of a user with its depth, in the order of the document."""
    if isinstance(value, list):
        for item in value:
            yield from copies(item, depth, key)
    elif isinstance(value, dict) and key in {"user", "users", "created_by", "updated_by"}:
        if value:
            yield depth, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from copies(item, depth + 1, name)


def expected(payload: Any) -> dict[str, dict[str, Any]]:
    """The users that the payload makes, by id or email, worked out by hand."""
    heard: dict[Any, dict[str, tuple[int, int, Any]]] = {}
    for order, (depth, said) in enumerate(copies(payload)):
        known = heard.setdefault(said.get("id") or said["email"], {})
        for name, value in said.items():
            if name == "archived" and value is None:  # a column that is never null
                continue
            if name not in known or (depth, order) < known[name][:2]:
                known[name] = (depth, order, value)
    for email in [key for key in heard if isinstance(key, str)]:
        owners = [key for key, said in heard.items() if key != email and "email" in said]
        owner = next((key for key in owners if heard[key]["email"][2] == email), None)
        if owner is not None:
            for name, ranked in heard.pop(email).items():
                known = heard[owner]
                if name not in known or ranked[:2] < known[name][:2]:
                    known[name] = ranked
    users = {}
    for key, said in heard.items():
        values = {name: ranked[2] for name, ranked in said.items()}
        told = {name: values.get(name) for name in ("email", *FIELDS)}
        users[str(key)] = told | {"archived": told["archived"] or False}
    return users


async def take(database: Database, payload: Any, source: str) -> Report:
    document = Document("file", BytesIO(json.dumps(payload).encode()))
    return await import_documents(database, [document], source=source)


async def rows(database: Database, source: str) -> dict[str, list[Any]]:
    """All rows of one source that are things of their own."""
    tables = models.Source.metadata.tables
    found = {}
    async with database.read() as session:
        for name in ("user", "goal", "metric", "experiment", "reference"):
            table = tables[name]
            own = select(table).join(tables["source"]).where(tables["source"].c.name == source)
            found[name] = list(await session.execute(own.order_by(table.c.id)))
        for name in ("experiment_owner", "experiment_metric", "metric_owner", "goal_owner"):
            found[name] = sorted(await session.execute(select(tables[name])))
    return found


def told(users: list[Any]) -> dict[str, dict[str, Any]]:
    names = ("email", *FIELDS)
    return {row.external_id or row.email: {n: getattr(row, n) for n in names} for row in users}


generated = settings(
    max_examples=1000 if "TRIALGRAPH_SOAK" in os.environ else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@generated
@given(PAYLOAD)
@example({"experiments": [{"name": "experiment x", "created_by": {"id": 1, "archived": None}}]})
async def test_the_shallowest_copy_wins_and_deeper_ones_fill_its_gaps(
    database: Database, payload: Any
) -> None:
    source = await newcomer(database)
    await take(database, payload, source)
    found = await rows(database, source)
    assert told(found["user"]) == expected(payload)

    report = await take(database, payload, source)
    assert await rows(database, source) == found
    assert {how for _, how in report.outcomes} <= {"unchanged", "skipped"}


@generated
@given(PAYLOAD, st.integers(1, 4))
async def test_it_does_not_matter_how_often_the_staging_place_is_asked(
    database: Database, payload: Any, batch: int
) -> None:
    sources = [await newcomer(database) for _ in range(2)]
    await take(database, payload, sources[0])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(staging, "BATCH", batch)
        patched.setattr(staging, "CHUNK", batch)
        await take(database, payload, sources[1])
    at_once, in_pieces = [await rows(database, source) for source in sources]

    assert told(in_pieces["user"]) == told(at_once["user"])
    for kind in ("goal", "metric", "experiment"):
        assert [row.name for row in in_pieces[kind]] == [row.name for row in at_once[kind]]
