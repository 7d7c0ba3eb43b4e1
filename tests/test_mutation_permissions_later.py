"""What a key did tells nobody more later; what it planned or asked for takes what it may then."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import decode
from resolvers.schedule import run_due
from tests.asking import Call
from tests.company import EVERY_SCOPE, GATED, Company, company
from tests.making import LONG_AGO, add, rows_of
from tests.permitting import ABOUT_ROWS, CASES, ON_THE_PLATFORM

ONCE = {"idempotencyKey": "once"}
JUDGED_ANEW = {"transitionExperiments", "importPayload"}
"""Whose scope is asked for before the answer of an earlier call is looked up."""


@pytest.fixture
async def here(client: httpx.AsyncClient, database: Database) -> Company:
    return await company(client, database)


def shown(payload: dict[str, Any]) -> dict[str, Any]:
    """What a payload shows beside whether it was done, and why not."""
    beside = {"__typename", "ok", "errors", "replayed"}
    return {name: value for name, value in payload.items() if name not in beside and value}


async def done(here: Company) -> tuple[list[Call], dict[str, str], list[Any]]:
    """Every mutation, done once under an idempotency key; the key that did it, and the payloads."""
    mine = await here.key(user=here.ids["user"])
    left = ON_THE_PLATFORM | {"cancelChangeRequest"}
    calls = [
        (name, {**given, **ONCE})
        for case in CASES
        for name, given in here.calls(case)
        if name not in left
    ]
    payloads = await here.make(calls, mine)
    assert [payload["errors"] for payload in payloads] == [[]] * len(calls)
    return calls, mine, payloads


async def test_a_replay_shows_nothing_that_its_key_may_no_longer_see(here: Company) -> None:
    calls, mine, first = await done(here)
    before = await here.everything()
    again = await here.make(calls, mine)
    assert all(payload["replayed"] or payload.get("results") for payload in again)
    assert [shown(each).keys() - {"results"} for each in again] == [
        shown(each).keys() - {"secret", "results"} for each in first
    ]
    assert await here.everything() == before

    await here.change_key(mine, scopes=["experiment:approve"])
    before = await here.everything()
    for (name, _), payload in zip(calls, await here.make(calls, mine), strict=True):
        expected = (False, "Forbidden") if name in JUDGED_ANEW else (True, "")
        assert (payload["replayed"], "".join(_types(payload))) == expected, name
        assert shown(payload) == {}, name
    assert await here.everything() == before


def _types(payload: Any) -> list[str]:
    return [error["__typename"] for error in payload["errors"]]


async def _tells_nothing(here: Company) -> None:
    """To another key of the second team the idempotency key of the first is as any other."""
    rows = [case for case in ABOUT_ROWS if case.name != "cancelChangeRequest"]
    theirs = await here.key(team=here.others["own team"], unowned=True)
    without = here.calls(*rows)
    with_it = [(name, {**given, **ONCE}) for name, given in without]
    before = await here.everything()
    told = await here.make(with_it, theirs)
    other = [(name, {**given, "note": "Other."}) for name, given in with_it if "note" in given]
    assert told == await here.make(without, theirs)
    assert {*map(tuple, map(_types, [*told, *await here.make(other, theirs)]))} == {("NotFound",)}
    assert await here.everything() == before


async def test_an_idempotency_key_tells_another_team_nothing_nor_who_has_gone_there(
    here: Company,
) -> None:
    calls, mine, _ = await done(here)
    await _tells_nothing(here)
    await here.move_key(mine, here.others["own team"])
    await here.change_key(mine, team_bound=True)
    before = await here.everything()
    everybodys = {case.name for case in CASES if case.shared}
    everybodys |= {name.replace("update", "create") for name in everybodys}
    for (name, _), payload in zip(calls, await here.make(calls, mine), strict=True):
        if name in everybodys:
            continue
        assert _types(payload) == (["Forbidden"] if name == "importPayload" else []), name
        assert [*map(shown, payload.get("results", ()))] in ([], [{}]), name
        assert shown(payload).keys() <= {"results"}, (name, shown(payload))
    assert await here.everything() == before


def _without_start() -> list[str]:
    return sorted(EVERY_SCOPE - {"experiment:start"})


LOST: list[tuple[dict[str, Any], str]] = [
    ({"scopes": _without_start()}, "The scope experiment:start is missing."),
    ({"scopes": ["experiment:start"]}, "There is no Experiment "),
    ({"team": True}, "There is no Experiment "),
]
"""What a key may lose, and why that which waits for it then fails."""


async def _lose(here: Company, lost: dict[str, Any]) -> None:
    if "team" in lost:
        await here.move_key(here.asker, here.others["own team"])
    else:
        await here.change_key(here.asker, **lost)


async def _restore(here: Company) -> None:
    await here.move_key(here.asker, here.ids["own team"])
    await here.change_key(here.asker, scopes=sorted(EVERY_SCOPE))


async def test_what_was_planned_is_not_made_by_a_key_that_may_no_longer_do_it(
    here: Company, database: Database
) -> None:
    await here.one("cancelScheduledTransition", {"id": "@planned"})
    numbers = [here.ids[name] for name in ("startExperiment", "addExperimentNote", "setFavorite")]
    for day, number in enumerate([*numbers, here.ids["createVariant"]], start=1):
        wanted = {"id": number, "action": "START", "at": f"2126-02-{day:02d}T00:00:00Z"}
        [payload] = await here.make([("scheduleTransition", wanted)], here.asker)
        assert payload["ok"], payload
    ran = []
    for day, (lost, _) in enumerate(LOST, start=1):
        await _lose(here, lost)
        moment = datetime(2126, 2, day, 1, tzinfo=UTC)
        ran.append(await run_due(database, partial(_at, moment)))
        await _restore(here)
    ran.append(await run_due(database, partial(_at, datetime(2126, 3, 1, tzinfo=UTC))))
    plans = (await rows_of(database, m.ScheduledAction)).values()
    starts = [plan for plan in plans if plan["action"] == "START"]
    experiments = await rows_of(database, m.Experiment)

    assert ran == [1, 1, 1, 1]
    assert [(plan["state"], plan["failure"]) for plan in starts] == [
        ("FAILED", "The scope experiment:start is missing."),
        ("FAILED", f"There is no Experiment {numbers[1]!r}."),
        ("FAILED", f"There is no Experiment {numbers[2]!r}."),
        ("DONE", None),
    ]
    phases = [experiments[plan["experiment_id"]]["phase"] for plan in starts]
    assert phases == ["DRAFT", "DRAFT", "DRAFT", "RUNNING"]


def _at(moment: datetime) -> datetime:
    return moment


async def test_what_was_asked_for_is_not_done_for_a_key_that_may_no_longer_do_it(
    here: Company, database: Database
) -> None:
    phases = {n: row["phase"] for n, row in (await rows_of(database, m.Experiment)).items()}
    for name, (lost, why) in zip(GATED, LOST, strict=True):
        await _lose(here, lost)
        payload = await here.one("approveChangeRequest", {"id": f"@{name}"})
        await _restore(here)
        row = (await rows_of(database, m.ChangeRequest))[decode(here.ids[name])[1]]
        assert payload["ok"] is False
        assert (row["state"], row["reason"].startswith(why)) == ("FAILED", True), row["reason"]
    after = {n: row["phase"] for n, row in (await rows_of(database, m.Experiment)).items()}
    assert after == phases


async def test_who_may_not_decide_moves_nothing_of_a_request_that_is_past_its_time(
    here: Company, database: Database
) -> None:
    number = decode(here.ids["rejected"])[1]
    async with database.write() as session:
        (await session.get_one(m.ChangeRequest, number)).expires_at = LONG_AGO
    reader = await here.key(["experiment:read"])
    before = await here.everything()
    decisions = [("approveChangeRequest", {}), ("rejectChangeRequest", {"reason": "x"})]
    for name, given in [*decisions, ("cancelChangeRequest", {})]:
        payload = await here.one(name, {"id": "@rejected", **given}, reader)
        scope = "admin" if name == "cancelChangeRequest" else "experiment:approve"
        assert [error["scope"] for error in payload["errors"]] == [scope]
    assert await here.everything() == before


async def test_a_plan_that_is_refused_shows_no_other_plan(
    here: Company, database: Database
) -> None:
    number = decode(here.ids["scheduleTransition"])[1]
    other = m.ScheduledAction(id=number, experiment_id=number, action=m.Action.STOP)
    await add(database, other)
    wanted = {"id": "@scheduleTransition", "action": "START", "at": "2126-01-01T00:00:00Z"}
    before = await here.everything()
    for given in ({"expectedVersion": 77}, {"dryRun": True}):
        payload = await here.one("scheduleTransition", {**wanted, **given})
        experiment = {"__typename": "Experiment", "id": here.ids["scheduleTransition"]}
        assert shown(payload) == {"experiment": experiment}
    assert await here.everything() == before
