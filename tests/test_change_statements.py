"""How many SQL statements a change takes, with everything that it checks and tells."""

import re

import httpx
import pytest

from models.database import Database
from tests.conftest import Statements
from tests.making import experiment, id_of

UPDATE = """mutation ($id: ID!, $key: String) {
  updateExperiment(input: { id: $id, description: "new", idempotencyKey: $key }) {
    ok experiment { id description }
  }
}"""
START = """mutation ($id: ID!, $key: String) {
  startExperiment(input: { id: $id, note: "go", idempotencyKey: $key }) {
    ok experiment { id phase }
  }
}"""
FOUND = "SELECT experiment"
FACTS = "SELECT variant_1"
SOURCE = "SELECT source"
CHANGED = "UPDATE experiment"
TOLD = "INSERT INTO event"
NOTED = "INSERT INTO note"
CLAIMED = "INSERT INTO idempotency_record"
KEPT = "UPDATE idempotency_record"

UPDATED = [FOUND, SOURCE, CHANGED, TOLD]
STARTED = [FOUND, FACTS, SOURCE, CHANGED, TOLD, NOTED]


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        (UPDATE, None, [*UPDATED, FOUND]),
        (START, None, [*STARTED, FOUND]),
        (UPDATE, "once", [CLAIMED, *UPDATED, KEPT, FOUND]),
        (START, "once", [CLAIMED, *STARTED, KEPT, FOUND]),
    ],
    ids=["update", "start", "update-with-a-key", "start-with-a-key"],
)
async def test_a_change_asks_for_each_thing_once_and_writes_each_once(
    client: httpx.AsyncClient,
    database: Database,
    statements: Statements,
    change: str,
    key: str | None,
    expected: list[str],
) -> None:
    row = await experiment(database)
    statements.clear()
    answered = await client.post(
        "/graphql", json={"query": change, "variables": {"id": id_of(row), "key": key}}
    )
    [payload] = answered.json()["data"].values()
    assert payload["ok"] is True
    assert [said(statement) for statement in statements.seen] == expected


def said(statement: str) -> str:
    """The verb of a statement and the first thing that it names."""
    [found] = re.findall(r"^(?:SELECT|UPDATE|INSERT INTO) \w+", statement)
    return str(found)
