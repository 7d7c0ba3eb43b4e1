"""Which scope each mutation takes, from the schema itself: without it nothing is told or done."""

from pathlib import Path
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.asking import MUTATIONS, nothing_of_a_row, request
from tests.company import EVERY_SCOPE, Company, company
from tests.connected import SYNC, connected
from tests.making import LONG_AGO, ask, everything, id_of, key
from tests.nouns import filled
from tests.permitting import CASES, ON_THE_PLATFORM
from tests.platforms.checkmango import Checkmango


@pytest.fixture
async def here(client: httpx.AsyncClient, database: Database) -> Company:
    return await company(client, database)


def test_every_mutation_is_in_the_table() -> None:
    assert [case.name for case in CASES] == [*MUTATIONS]


def forbidden(scope: str) -> list[Any]:
    message = f"The scope {scope} is missing."
    return [
        {
            "__typename": "Forbidden",
            "message": message,
            "path": [],
            "code": "FORBIDDEN",
            "scope": scope,
        }
    ]


def refused(payload: Any, scope: str) -> bool:
    return (payload["ok"], payload["errors"]) == (False, forbidden(scope))


async def test_without_its_scope_a_mutation_is_refused_and_with_it_it_is_made(
    here: Company,
) -> None:
    keys = {
        scope: await here.key(EVERY_SCOPE - {scope, scope.replace(":read", ":write")})
        for scope in sorted({case.scope for case in CASES})
    }
    before = await here.everything()
    once = {"idempotencyKey": "once"}
    for case in CASES:
        [(name, given)] = here.calls(case)
        kept = {} if name in ON_THE_PLATFORM else once
        for said in (given, {**given, **kept}):
            [payload] = await here.make([(name, said)], keys[case.scope])
            assert refused(payload, case.scope), (name, payload)
    assert await here.everything() == before

    done = [case for case in CASES if case.name not in ON_THE_PLATFORM]
    for case in done:
        [payload] = await here.make(here.calls(case))
        assert (payload["ok"], payload["errors"]) == (True, []), case.name


async def test_whoever_may_not_read_a_row_is_shown_nothing_of_it(here: Company) -> None:
    keys: dict[frozenset[str], dict[str, str]] = {}
    for case in CASES:
        lacking = frozenset(case.nouns_scopes)
        keys[lacking] = keys.get(lacking) or await here.key(EVERY_SCOPE - lacking)
    before = await here.everything()
    for case in CASES:
        headers = keys[frozenset(case.nouns_scopes)]
        [payload] = await here.make(here.calls(case), headers)
        assert refused(payload, case.first or case.scope), (case.name, payload)
        assert nothing_of_a_row(payload), (case.name, payload)
    assert await here.everything() == before


async def test_without_a_good_key_nothing_is_answered_or_done(here: Company) -> None:
    revoked = await here.key()
    await here.change_key(revoked, revoked_at=LONG_AGO)
    del here.client.headers["Authorization"]
    before = await here.everything()
    for case in CASES:
        body = request([(case.name, filled(case.given, here.ids))])
        for headers, message in (
            ({}, "This takes a key: send the header 'Authorization: Api-Key KEY'."),
            (revoked, "The API key was revoked."),
        ):
            answer = await here.client.post("/graphql", json=body, headers=headers)
            assert answer.status_code == 401, case.name
            assert answer.json() == {
                "errors": [{"message": message, "extensions": {"code": "UNAUTHENTICATED"}}]
            }, case.name
    assert await here.everything() == before


async def test_a_sync_is_refused_without_its_scope_and_made_with_it(
    database: Database, checkmango: Checkmango, tmp_path: Path
) -> None:
    reader, writer = [await key(database, name, f"source:{name}") for name in ("read", "write")]
    async with connected(database, checkmango, m.Platform.CHECKMANGO, tmp_path) as there:
        number = id_of(await there.source())
        before = await everything(database)
        payload = await ask(there.client, SYNC, reader, id=number)
        assert [error["message"] for error in payload["errors"]] == [
            "The scope source:write is missing."
        ]
        assert await everything(database) == before
        assert checkmango.calls == []
        payload = await ask(there.client, SYNC, writer, id=number)
    assert (payload["ok"], payload["errors"]) == (True, [])
