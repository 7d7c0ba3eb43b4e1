"""Every kind of hostile request is refused before anything of it runs."""

from typing import Any

import httpx
import pytest

from models.database import Database
from tests.hostile import HOSTILE, Hostile


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_request_is_refused_by_its_limit_and_nothing_of_it_runs(
    client: httpx.AsyncClient, statements: Any, hostile: Hostile
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/graphql", content=hostile.body, headers=headers)

    assert answer.status_code == hostile.status
    assert set(answer.json()) == {"errors"}
    facts = answer.json()["errors"][0]["extensions"]
    assert (facts["code"], facts.get("limit")) == (hostile.code, hostile.limit)
    assert statements.seen == []
    assert len(answer.content) < 20_000


async def test_what_is_asked_for_beside_them_is_answered(
    client: httpx.AsyncClient, database: Database
) -> None:
    del database
    for hostile in HOSTILE.values():
        headers = {"Content-Type": "application/json"}
        await client.post("/graphql", content=hostile.body, headers=headers)
        answer = await client.post("/graphql", json={"query": "{ viewer { name } }"})
        assert answer.json() == {"data": {"viewer": {"name": "the bootstrap key"}}}
