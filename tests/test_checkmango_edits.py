"""Checkmango, connected: experiments and variants are made and changed there, by mutations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import models as m
from connectors import delivery
from models.database import Database
from tests.connected import Connected, connected, edit
from tests.making import id_of
from tests.platforms.checkmango import Checkmango
from tests.platforms.standin import Fault, fill

MADE = "experiment { id externalId key phase sync { state error } }"
VARIANTS = [{"key": "CONTROL", "isControl": True}, {"key": "NEW"}]


@pytest.fixture
async def here(
    database: Database, checkmango: Checkmango, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connected]:
    """The gateway over three experiments, synced once."""
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    fill(checkmango, experiments=3)
    async with connected(database, checkmango, m.Platform.CHECKMANGO, tmp_path) as opened:
        await opened.sync()
        checkmango.clear()
        yield opened


async def metric_of(here: Connected, checkmango: Checkmango, number: int) -> m.Metric:
    """The metric that an event is here."""
    assert checkmango.events[number]
    metrics: list[m.Metric] = [*await here.rows(m.Metric)]
    return next(row for row in metrics if row.external_id == str(number))


async def test_an_experiment_is_made_with_its_variants_whatever_goes_wrong(
    here: Connected, checkmango: Checkmango
) -> None:
    metric = await metric_of(here, checkmango, 2)
    faults = (
        (Fault.SLOW, "/experiments", "FIRST"),
        (Fault.CUT_AFTER, "/experiments", "SECOND"),
        (Fault.CUT_AFTER, "/variants", "THIRD"),
        (Fault.FAILING, "/variants", "FOURTH"),
    )
    for fault, path, key in faults:
        checkmango.clear()
        checkmango.fail(fault, method="POST", path=path, seconds=0)
        payload = await edit(
            here,
            "createExperiment",
            MADE,
            source="checkmango",
            key=key,
            name=key,
            primaryMetric=id_of(metric),
            variants=VARIANTS,
        )
        assert payload["errors"] == [], key
        assert here.applied == ["create"], key
        there = checkmango.by_key(key)
        made = payload["experiment"]
        assert (made["externalId"], made["phase"]) == (str(there["id"]), "DRAFT"), key
        assert made["sync"] == {"state": "SYNCED", "error": None}, key
        variants = [row for row in checkmango.variants.values() if _of(row, there["id"])]
        assert [row["key"] for row in variants] == ["CONTROL", "NEW"], key
        row = await here.row(there["id"])
        known = [each for each in await here.rows(m.Variant) if each.experiment_id == row.id]
        assert [each.external_id for each in known] == [str(each["id"]) for each in variants]
        assert (await here.act("startExperiment", row))["errors"] == [], key


def _of(variant: dict[str, int], experiment: int) -> bool:
    return variant["experiment_id"] == experiment


async def test_without_a_subscription_nothing_is_made(
    here: Connected, checkmango: Checkmango
) -> None:
    checkmango.subscribed = False
    metric = await metric_of(here, checkmango, 1)
    payload = await edit(
        here,
        "createExperiment",
        MADE,
        source="checkmango",
        key="PAID",
        name="PAID",
        primaryMetric=id_of(metric),
        variants=VARIANTS,
    )
    assert [error["__typename"] for error in payload["errors"]] == ["SubscriptionRequired"]
    [row] = [row for row in await here.rows(m.Experiment) if row.key == "PAID"]
    assert (row.deleted_at is not None, row.sync_state) == (True, m.SyncState.FAILED)
    assert len(checkmango.experiments) == 3


async def test_an_experiment_and_its_variants_change_there_too(
    here: Connected, checkmango: Checkmango
) -> None:
    there = checkmango.one("draft")
    row = await here.row(there["id"])
    metric = await metric_of(here, checkmango, 1 + there["event_id"] % 5)
    given = {"key": "RENAMED", "description": "In other words.", "primaryMetric": id_of(metric)}
    checkmango.fail(Fault.TRUNCATED, method="PUT")
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), **given)
    assert payload["errors"] == []
    assert (there["key"], there["description"]) == ("RENAMED", "In other words.")
    assert (str(there["event_id"]), here.applied) == (metric.external_id, ["edit"])

    payload = await edit(
        here, "createVariant", experiment=id_of(row), key="NEWEST", description="?"
    )
    assert payload["errors"] == []
    [*_, variant] = await here.rows(m.Variant)
    newest = checkmango.variants[int(variant.external_id or 0)]
    assert (newest["key"], newest["description"]) == ("NEWEST", "?")
    payload = await edit(here, "updateVariant", id=id_of(variant), key="NEWER", description="!")
    assert payload["errors"] == []
    assert (newest["key"], newest["description"]) == ("NEWER", "!")
    assert (await edit(here, "deleteVariant", id=id_of(variant)))["errors"] == []
    assert newest["id"] not in checkmango.variants
    assert (await here.row(there["id"])).sync_state is m.SyncState.SYNCED
    assert [method for method, _ in here.changes] == ["PUT", "POST", "PUT", "DELETE"]


async def test_what_is_refused_there_is_as_it_was_here(
    here: Connected, checkmango: Checkmango
) -> None:
    there = checkmango.one("draft")
    row = await here.row(there["id"])
    other = {name: value for name, value in there.items() if name != "id"}
    taken = checkmango.add(checkmango.experiments, {**other, "key": "TAKEN_SINCE"})
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), key=taken["key"])
    [error] = payload["errors"]
    assert (error["__typename"], error["field"], error["value"]) == ("Taken", "key", "TAKEN_SINCE")
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), hypothesis="It helps.")
    assert [error["__typename"] for error in payload["errors"]] == ["UnsupportedByPlatform"]
    checkmango.subscribed = False
    before = [(each.id, each.key) for each in await here.rows(m.Variant)]
    payload = await edit(here, "createVariant", experiment=id_of(row), key="UNPAID")
    assert [error["__typename"] for error in payload["errors"]] == ["SubscriptionRequired"]
    assert [(each.id, each.key) for each in await here.rows(m.Variant)] == before
    after = await here.row(there["id"])
    assert (after.key, after.hypothesis) == (row.key, None)
    assert here.applied == []
