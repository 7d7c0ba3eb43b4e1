"""Auth0, connected: experiments and their variations are made and changed there, by mutations."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import models as m
from connectors import delivery
from models.database import Database
from tests.connected import Connected, connected, edit
from tests.making import id_of
from tests.platforms.auth0 import Auth0
from tests.platforms.standin import Fault, Row, fill

MADE = "experiment { id externalId key phase sync { state error } }"
PURPLE = {"name": "Purple", "config": {"colour": "purple"}}


@pytest.fixture
async def here(
    database: Database, auth0: Auth0, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connected]:
    """The gateway over two drafts, synced once."""
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    fill(auth0, experiments=2)
    for row in auth0.experiments.values():
        row.update(status="draft", started_at=None, levels=None, current_level=None)
    async with connected(database, auth0, m.Platform.AUTH0, tmp_path) as opened:
        await opened.sync()
        auth0.clear()
        yield opened


def draft(auth0: Auth0) -> Row:
    """A draft that gives shares to variations."""
    return next(
        row
        for row in auth0.experiments.values()
        if row["allocation_strategy"] == "percentage" and row["status"] == "draft"
    )


async def flag_of(here: Connected, external_id: str) -> m.FeatureFlag:
    """The row of a flag."""
    found: list[m.FeatureFlag] = list(await here.rows(m.FeatureFlag))
    return next(row for row in found if row.external_id == external_id)


async def arms(here: Connected, row: m.Experiment) -> list[tuple[Any, ...]]:
    """The variants of an experiment: id, name and weight."""
    found = [each for each in await here.rows(m.Variant) if each.experiment_id == row.id]
    found.sort(key=lambda each: each.index)
    return [(each.external_id, each.name, each.weight) for each in found]


async def test_an_experiment_is_made_there_once_with_the_variations_that_it_needs(
    here: Connected, auth0: Auth0
) -> None:
    flag = draft(auth0)["feature_flag_id"]
    first = next(key for key, v in auth0.variations.items() if v["feature_flag_id"] == flag)
    name = auth0.variations[first]["name"]
    for place, fault in enumerate((Fault.SLOW, Fault.CUT_AFTER, Fault.TRUNCATED, Fault.FAILING)):
        auth0.clear()
        auth0.fail(fault, method="POST", path="/experiments", seconds=0)
        payload = await edit(
            here,
            "createExperiment",
            MADE,
            source="auth0",
            key=f"Login {place}",
            name=f"Login {place}",
            featureFlag=id_of(await flag_of(here, flag)),
            allocationStrategy="PERCENTAGE",
            variants=[{"name": name, "weight": 60, "isControl": True}, {**PURPLE, "weight": 40}],
            auth0={"authenticationFlow": "authentication"},
        )
        assert payload["errors"] == [], fault
        assert here.applied == ["create"], fault
        made = payload["experiment"]
        assert made["sync"] == {"state": "SYNCED", "error": None}, fault
        there = auth0.experiments[made["externalId"]]
        assert (there["name"], there["is_valid"]) == (f"Login {place}", True), fault
        [purple] = [key for key, each in auth0.variations.items() if each["name"] == "Purple"]
        row = await here.row(made["externalId"])
        assert await arms(here, row) == [(first, name, 60), (purple, "Purple", 40)], fault
    started = await here.act("startExperiment", await here.row(made["externalId"]))
    assert started["errors"] == []
    assert len(await here.rows(m.Experiment)) == len(auth0.experiments)


async def test_a_name_that_only_auth0_knows_is_taken(here: Connected, auth0: Auth0) -> None:
    there = draft(auth0)
    there["name"] = "Taken since"
    payload = await edit(
        here,
        "createExperiment",
        MADE,
        source="auth0",
        key="Taken since",
        name="Taken since",
        featureFlag=id_of(await flag_of(here, there["feature_flag_id"])),
        auth0={"authenticationFlow": "authentication"},
    )
    assert [error["__typename"] for error in payload["errors"]] == ["Taken"]
    assert here.applied == []


async def test_only_what_an_edit_changes_is_sent(here: Connected, auth0: Auth0) -> None:
    there = draft(auth0)
    row = await here.row(there["id"])
    payload = await edit(
        here,
        "updateExperiment",
        MADE,
        id=id_of(row),
        description="What it is about now.",
        rampLevels=[10, 100],
        hypothesis="Kept here.",
        auth0={"authenticationFlow": "password_reset"},
    )
    assert payload["errors"] == []
    [call] = [call for call in auth0.calls if call.method == "PATCH"]
    assert call.body == {
        "description": "What it is about now.",
        "levels": [10, 100],
        "authentication_flow": "password_reset",
    }
    row = await here.row(there["id"])
    assert (row.ramp_levels, row.hypothesis) == ([10, 100], "Kept here.")


async def test_shares_are_those_of_the_allocations(here: Connected, auth0: Auth0) -> None:
    there = draft(auth0)
    row = await here.row(there["id"])
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), percentages="80/10/10")
    assert payload["errors"] == []
    assert [each["weight"] for each in there["allocations"]] == [80, 10, 10]
    row = await here.row(there["id"])
    assert row.percentages == "80/10/10"

    [control, *_] = [each for each in await here.rows(m.Variant) if each.experiment_id == row.id]
    payload = await edit(here, "updateVariant", id=id_of(control), name="The first", weight=70)
    assert payload["errors"] == []
    assert auth0.variations[control.external_id]["name"] == "The first"
    assert there["allocations"][0]["weight"] == 70


async def test_another_variation_is_made_there_and_allocated(here: Connected, auth0: Auth0) -> None:
    there = draft(auth0)
    row = await here.row(there["id"])
    answer = "variant { id name }"
    auth0.fail(Fault.CUT_AFTER, method="PATCH")
    payload = await edit(here, "createVariant", answer, experiment=id_of(row), **PURPLE)
    assert payload["errors"] == []
    [purple] = [key for key, each in auth0.variations.items() if each["name"] == "Purple"]
    assert there["allocations"][-1] == {"variation_id": purple, "is_control": False, "weight": 0}
    found = (await arms(here, await here.row(there["id"])))[-1]
    assert found == (purple, "Purple", 0)
    assert payload["variant"]["name"] == "Purple"
    assert here.applied == ["edit"]
