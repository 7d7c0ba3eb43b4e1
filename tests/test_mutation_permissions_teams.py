"""What other teams own is not there for a mutation: by its row, or by anything that it names."""

from typing import Any

import httpx
import pytest

from models.database import Database
from resolvers.identity import decode
from tests.asking import MUTATIONS, Call, missing, nothing_of_a_row, same
from tests.company import STANDING, Company, company
from tests.nouns import filled
from tests.permitting import ABOUT_ROWS, Case

TOO_LONG = "x" * 20_000
TEXTS = {"note", "name", "reason", "key"}
STANDINGS = ("startExperiment", *STANDING)
"""Experiments that stand in every phase, and under every overlay."""


@pytest.fixture
async def here(client: httpx.AsyncClient, database: Database) -> Company:
    return await company(client, database)


def takes(name: str, field: str) -> bool:
    return field in MUTATIONS[name].args["input"].type.of_type.fields


def variations(case: Case) -> list[dict[str, Any]]:
    """Ways to ask for the same that are told apart where the row is there."""
    given = case.hidden
    unsound = {name: TOO_LONG if name in TEXTS else value for name, value in given.items()}
    found = [given, unsound, {**given, "idempotencyKey": "theirs"}, {**given, "dryRun": True}]
    return [*found, {**given, "expectedVersion": 77}][: 4 + takes(case.name, "expectedVersion")]


def not_found(number: str, *path: str) -> list[Any]:
    kind = decode(number)[0].__name__
    message = f"There is no {kind} {number!r}."
    return [{"__typename": "NotFound", "message": message, "path": [*path], "code": "NOT_FOUND"}]


async def test_a_row_of_another_team_is_refused_as_one_that_does_not_exist(here: Company) -> None:
    theirs = await here.key(team=here.others["own team"], unowned=True)
    mine = await here.key(team=here.ids["own team"])
    note = {"experiment": "@using", "note": "x", "idempotencyKey": "theirs"}
    await here.one("addExperimentNote", note, mine)
    before = await here.everything()
    hidden, absent, about = [], [], []
    for case in ABOUT_ROWS:
        for given in variations(case):
            said = filled(given, here.ids)
            hidden.append((case.name, said))
            absent.append((case.name, {**said, case.about: missing(said[case.about])}))
            about.append(case.about)
    answers = await here.make(hidden, theirs), await here.make(absent, theirs)
    for (name, said), field, told, other in zip(hidden, about, *answers, strict=True):
        number = said[field]
        assert told["errors"] == not_found(number, field), (name, said)
        assert nothing_of_a_row(told), (name, told)
        assert same(told, other, (number, missing(number))), (name, said)
    assert await here.everything() == before


async def test_an_experiment_of_another_team_is_not_there_wherever_it_stands(
    here: Company,
) -> None:
    theirs = await here.key(team=here.others["own team"])
    calls: list[Call] = []
    for case in ABOUT_ROWS:
        given = filled(case.given, here.ids)
        if case.about == "id" and decode(given["id"])[0].__name__ == "Experiment":
            calls += [(case.name, {**given, "id": here.ids[name]}) for name in STANDINGS]
    before = await here.everything()
    assert len(calls) == 21 * len(STANDINGS)
    for (name, said), payload in zip(calls, await here.make(calls, theirs), strict=True):
        assert payload["errors"] == not_found(said["id"], "id"), name
        assert nothing_of_a_row(payload), name
    assert await here.everything() == before
