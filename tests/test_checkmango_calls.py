"""Checkmango's connector by itself: its calls, what became of them, and what it has not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

import models as m
from connectors.base import Fate, Task
from connectors.checkmango.client import CONNECTOR
from models.base import now
from models.delivery import shown_by
from models.errors import InvalidTransition
from tests.calling import Caller, calling, design
from tests.platforms.checkmango import Checkmango
from tests.platforms.checkmango.state import OLD
from tests.platforms.standin import Fault, Row

EVENT = "EVENT_2"


@pytest.fixture(params=[2024, OLD])
async def caller(checkmango: Checkmango, request: pytest.FixtureRequest) -> AsyncIterator[Caller]:
    """The connector, against both forms of the platform's answers."""
    checkmango.shapes = request.param
    async with calling(CONNECTOR, checkmango) as opened:
        yield opened


def row_of(there: Row, **said: Any) -> m.Experiment:
    """The row of an experiment that the platform has."""
    known = {"external_id": str(there["id"]), "key": there["key"], "name": there["key"]}
    details = {"team_id": there["team_id"]}
    return m.Experiment(
        **{"id": 1, "platform": m.Platform.CHECKMANGO, "details": details, **known, **said}
    )


def arms(checkmango: Checkmango, there: Row) -> list[Row]:
    """The variants of an experiment."""
    return [row for row in checkmango.variants.values() if row["experiment_id"] == there["id"]]


def as_designed(row: Row, **said: Any) -> Row:
    """A variant of the platform as a design has it."""
    known = {"external_id": str(row["id"]), "key": row["key"], "is_control": row["control"]}
    blank = {"index": 0, "name": None, "config": None, "weight": None}
    return {**blank, **known, "description": row["description"], **said}


def planned(**said: Any) -> Row:
    """The design of an experiment that is to be made."""
    made = design(key="BRAND_NEW", primary_metric=EVENT, details={"team_id": 1}, **said)
    for variant, key in zip(made["variants"], ("CONTROL", "VARIANT_A"), strict=True):
        variant["key"] = key
    return made


def new(key: str = "BRAND_NEW") -> m.Experiment:
    """The row of an experiment that is to be made."""
    details = {"team_id": 1}
    return m.Experiment(
        id=1, key=key, name=key, platform=m.Platform.CHECKMANGO, details=details, created_at=now()
    )


async def done(caller: Caller, verb: str, row: m.Experiment, **arguments: Any) -> None:
    """Do it: before, nothing of it is seen on the platform, and afterwards all of it."""
    assert await caller.fate(verb, row, **arguments) is Fate.NOT_DONE
    await caller.do(verb, row, **arguments)
    assert await caller.fate(verb, row, **arguments) is Fate.DONE


async def test_an_experiment_is_made_with_its_variants(
    caller: Caller, checkmango: Checkmango
) -> None:
    row = new()
    await done(caller, "CREATE", row, design=planned())
    there = checkmango.by_key("BRAND_NEW")
    document = await caller.connector.read(row)
    assert document is not None
    assert caller.connector.traced(caller.task("CREATE", row), document) == str(there["id"])
    assert checkmango.events[there["event_id"]]["key"] == EVENT
    said = [(each["key"], each["control"], each["traffic"]) for each in arms(checkmango, there)]
    assert said == [("CONTROL", True, None), ("VARIANT_A", False, None)]


@pytest.mark.parametrize("said", [{"primary_metric": "7"}, {"teams": ["2"]}])
async def test_the_team_is_that_of_the_event_or_the_one_that_is_named(
    caller: Caller, checkmango: Checkmango, said: Row
) -> None:
    await caller.do("CREATE", new(), design={**planned(), "details": None, **said})
    there = checkmango.by_key("BRAND_NEW", team=2)
    assert checkmango.events[there["event_id"]]["key"] == EVENT


async def test_weights_are_told_where_they_count(caller: Caller, checkmango: Checkmango) -> None:
    details = {"team_id": 1, "algorithm_type": "weightedSample"}
    await caller.do("CREATE", new(), design={**planned(), "details": details})
    there = checkmango.by_key("BRAND_NEW")
    assert there["algorithm_type"] == "weightedSample"
    assert [each["traffic"] for each in arms(checkmango, there)] == [50, 50]
    one, two = (as_designed(each, weight=50) for each in arms(checkmango, there))
    moved = {**planned(), "variants": [{**one, "weight": 30}, {**two, "weight": 70}]}
    await caller.do("UPDATE", row_of(there), design=moved, fields=["percentages", "variants"])
    assert [each["traffic"] for each in arms(checkmango, there)] == [30, 70]


async def test_what_was_made_in_part_is_finished_and_not_made_twice(
    caller: Caller, checkmango: Checkmango
) -> None:
    row = new()
    checkmango.fail(Fault.RATE_LIMITED, method="POST", path="/variants")
    with pytest.raises(Exception, match="asks for patience"):
        await caller.do("CREATE", row, design=planned())
    assert await caller.fate("CREATE", row, design=planned()) is Fate.NOT_DONE
    await caller.do("CREATE", row, design=planned())
    assert [each.action for each in checkmango.applied] == ["create"]
    assert len(arms(checkmango, checkmango.by_key("BRAND_NEW"))) == 2


async def test_what_cannot_be_made_whole_is_not_made(
    caller: Caller, checkmango: Checkmango
) -> None:
    wanted = planned()
    wanted["variants"][1]["key"] = wanted["variants"][0]["key"]
    [reason] = await caller.refused("CREATE", new(), design=wanted)
    assert reason.code == "TAKEN"
    assert [each.action for each in checkmango.applied] == ["create", "delete"]
    assert await caller.connector.read(new()) is None


async def test_an_experiment_is_found_under_the_key_that_it_has_by_now(
    caller: Caller, checkmango: Checkmango
) -> None:
    there = checkmango.one("draft")
    row, was = row_of(there), there["key"]
    wanted = {**planned(), "key": "RENAMED", "description": "In other words."}
    row.key = "RENAMED"
    await done(caller, "UPDATE", row, design=wanted, fields=["key", "description"])
    assert (there["key"], there["description"]) == ("RENAMED", "In other words.")
    other = checkmango.add(checkmango.experiments, {**there, "key": was})
    other["id"] = max(checkmango.experiments)
    document = await caller.connector.read(row_of(there, key=was))
    assert document is not None
    assert caller.connector.traced(caller.task("CREATE", row), document) == row.external_id

    await done(caller, "UPDATE", row, design=wanted, fields=["primary_metric"])
    assert checkmango.events[there["event_id"]]["key"] == EVENT


async def test_variants_come_change_and_go(caller: Caller, checkmango: Checkmango) -> None:
    there = checkmango.one("draft")
    row = row_of(there)
    made = {**planned()["variants"][1], "key": "NEWEST", "is_control": False}
    await done(caller, "CREATE_VARIANT", row, design=planned(), variant=made, was=None)
    newest = arms(checkmango, there)[-1]
    assert (newest["key"], newest["control"]) == ("NEWEST", False)
    was = as_designed(newest)
    now_ = {**was, "key": "NEWER", "description": "Better."}
    await done(caller, "UPDATE_VARIANT", row, design=planned(), variant=now_, was=was)
    assert (newest["key"], newest["description"]) == ("NEWER", "Better.")
    await caller.do(
        "UPDATE_VARIANT", row, design=planned(), variant={**now_, "weight": 20}, was=was
    )
    assert newest["traffic"] == 20
    await done(caller, "DELETE_VARIANT", row, design=planned(), variant=None, was=now_)
    assert newest not in arms(checkmango, there)


async def test_what_is_deleted_is_gone(caller: Caller, checkmango: Checkmango) -> None:
    there = checkmango.one("running")
    row = row_of(there)
    before = shown_by(row)
    task = Task("DELETE", row, {}, before, {**before, "deleted": True})
    connector = caller.connector
    assert connector.fate(task, await connector.read(row)) is Fate.NOT_DONE
    assert (await connector.perform(task)).status == 204
    assert connector.fate(task, await connector.read(row)) is Fate.DONE


async def test_a_state_is_looked_at_before_a_call_that_may_not_be_refused(
    caller: Caller, checkmango: Checkmango
) -> None:
    there = checkmango.one("stopped")
    [reason] = await caller.refused("START", row_of(there))
    assert isinstance(reason, InvalidTransition)
    assert reason.from_ is m.Phase.STOPPED
    assert [call.method for call in checkmango.calls] == ["GET", "GET"]


async def test_every_refusal_has_its_type(caller: Caller, checkmango: Checkmango) -> None:
    there = checkmango.one("draft")
    row = row_of(there)
    taken = {**planned(), "key": checkmango.one("running")["key"]}
    [reason] = await caller.refused("UPDATE", row, design=taken, fields=["key"])
    assert (reason.code, reason.path) == ("TAKEN", ("key",))
    unsound = {**planned(), "key": "!!_ok"}
    checkmango.clear()
    [reason] = await caller.refused("UPDATE", row, design=unsound, fields=["key"])
    assert (reason.code, reason.path) == ("VALIDATION_FAILED", ("key",))
    assert {call.method for call in checkmango.calls} == {"GET"}
    strange = {**planned(), "details": {"algorithm_type": "coin"}}
    [reason] = await caller.refused("UPDATE", row, design=strange, fields=["details"])
    assert (reason.code, reason.path) == ("VALIDATION_FAILED", ("algorithmType",))
    nowhere = {**planned(), "primary_metric": "NO_SUCH_EVENT"}
    [reason] = await caller.refused("CREATE", new(), design=nowhere)
    assert (reason.code, reason.path) == ("VALIDATION_FAILED", ("primaryMetric",))
    homeless = {**planned(), "details": None}  # a key is in every team
    [reason] = await caller.refused("CREATE", new(), design=homeless)
    assert (reason.code, reason.path) == ("VALIDATION_FAILED", ("primaryMetric",))
    checkmango.subscribed = False
    [reason] = await caller.refused("CREATE", new(), design=planned())
    assert reason.code == "SUBSCRIPTION_REQUIRED"
    checkmango.expire_token()
    with pytest.raises(Exception, match="refuses the credential"):
        await caller.connector.read(row)


@pytest.mark.parametrize("verb", ["PAUSE", "RESTART", "ARCHIVE", "NOTE"])
async def test_what_the_platform_has_not_is_said_before_any_call(
    caller: Caller, checkmango: Checkmango, verb: str
) -> None:
    [reason] = await caller.refused(verb, row_of(checkmango.one("running")), note="Well.")
    assert reason.code == "UNSUPPORTED_BY_PLATFORM"
    [reason] = await caller.refused("CREATE_HOLDOUT", m.Holdout(id=1, name="h"))
    assert reason.code == "UNSUPPORTED_BY_PLATFORM"
    assert checkmango.calls == []


async def test_a_note_of_the_past_is_not_what_was_to_be_made(
    caller: Caller, checkmango: Checkmango
) -> None:
    there = checkmango.one("draft")
    row = new(there["key"])
    assert await caller.connector.read(row) is None
    row.created_at = datetime(2020, 1, 1, tzinfo=UTC)
    assert await caller.connector.read(row) is not None
