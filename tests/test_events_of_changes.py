"""Whoever changes something reads the event of it, with a key that sees only some nouns."""

import httpx

from models.database import Database
from tests.making import experiment, id_of

KEY = """mutation {
  createApiKey(input: {name: "writer", scopes: ["experiment:write"]}) { secret } }"""
NOTE = """mutation($id: ID!) { addExperimentNote(input: {experiment: $id, note: "said"}) {
  ok event { actor action experiment { id } } } }"""


async def test_a_key_that_is_no_admin_reads_the_event_of_its_change(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database)
    made = (await client.post("/graphql", json={"query": KEY})).json()["data"]["createApiKey"]
    answer = await client.post(
        "/graphql",
        json={"query": NOTE, "variables": {"id": id_of(row)}},
        headers={"Authorization": f"Api-Key {made['secret']}"},
    )
    event = {"actor": "writer", "action": "CREATE", "experiment": {"id": id_of(row)}}
    assert answer.json() == {"data": {"addExperimentNote": {"ok": True, "event": event}}}
