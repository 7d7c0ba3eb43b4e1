"""What other teams own is not there for a mutation: by its row, or by anything that it names."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import decode
from tests.asking import MUTATIONS, Call, missing, nothing_of_a_row, same
from tests.company import Company, company
from tests.making import rows_of
from tests.nouns import filled
from tests.permitting import ABOUT_ROWS, CASES, STANDING, Case

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


async def test_a_batch_over_two_teams_answers_each_by_what_the_key_sees(
    here: Company, database: Database
) -> None:
    theirs = await here.key(team=here.others["own team"])
    hidden, seen = here.ids["transitionExperiments"], here.others["using"]
    ids = [hidden, seen, missing(hidden)]
    row = (await rows_of(database, m.Experiment))[decode(hidden)[1]]
    wanted = {"ids": ids, "action": "START", "idempotencyKey": "once"}
    payload = await here.one("transitionExperiments", wanted, theirs)
    absent, done, gone = payload["results"]

    assert (payload["ok"], payload["errors"], done["ok"]) == (False, [], True)
    assert absent["errors"] == not_found(hidden, "ids", "0")
    assert gone["errors"] == not_found(missing(hidden), "ids", "2")
    assert nothing_of_a_row(absent)
    assert nothing_of_a_row(gone)
    assert (await rows_of(database, m.Experiment))[decode(hidden)[1]] == row


async def test_a_batch_of_what_is_not_there_keeps_nothing_under_its_key(here: Company) -> None:
    theirs = await here.key(team=here.others["own team"])
    hidden = here.ids["transitionExperiments"]
    before = await here.everything()
    for ids in ([hidden], [missing(hidden)]):
        wanted = {"ids": ids, "action": "START", "idempotencyKey": "once"}
        payload = await here.one("transitionExperiments", wanted, theirs)
        [result] = payload["results"]
        assert result["errors"] == not_found(ids[0], "ids", "0")
    assert await here.everything() == before


UNABLE = {
    "deleteUser": "NotFound",
    "createUser": "Forbidden",
    "createSegment": "Forbidden",
    "deleteSegment": "NotFound",
    "createHoldout": "Forbidden",
    "deleteHoldout": "NotFound",
    "createSavedMetric": "Forbidden",
    "deleteSavedMetric": "NotFound",
    "cancelChangeRequest": "Forbidden",
    "importPayload": "Forbidden",
    "syncSource": "Forbidden",
}
"""What a key that is bound to a team cannot do at all, or not with what is nobody's."""


async def test_the_team_itself_may_do_all_of_that_with_its_own_rows(here: Company) -> None:
    mine = await here.key(team=here.ids["own team"], user=here.ids["user"])
    payloads = await here.make(here.calls(*CASES), mine)
    found = {
        case.name: payload["errors"][0]["__typename"]
        for case, payload in zip(CASES, payloads, strict=True)
        if not payload["ok"]
    }
    assert found == UNABLE
