"""PostHog, connected: experiments and what they share are made and changed there, by mutations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import models as m
from connectors import delivery
from models.database import Database
from tests.connected import Connected, connected, edit
from tests.making import id_of
from tests.platforms.posthog import PostHog
from tests.platforms.standin import Fault, fill

DRAFT, RUNNING = 1, 2
MADE = "experiment { id externalId key phase sync { state error } }"
QUERY = {
    "kind": "ExperimentMetric",
    "metric_type": "mean",
    "source": {"kind": "EventsNode", "event": "paid"},
}


@pytest.fixture
async def here(
    database: Database, posthog: PostHog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connected]:
    """The gateway over two experiments, synced once."""
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    fill(posthog, experiments=RUNNING)
    async with connected(database, posthog, m.Platform.POSTHOG, tmp_path) as opened:
        await opened.sync()
        posthog.clear()
        yield opened


async def test_an_experiment_is_made_there_once_and_known_by_its_number(
    here: Connected, posthog: PostHog
) -> None:
    [holdout, *_] = await here.rows(m.Holdout)
    [tag, *_] = await here.rows(m.Tag)
    faults = (Fault.SLOW, Fault.CUT_AFTER, Fault.TRUNCATED, Fault.FAILING, Fault.WRONG_JSON)
    for place, fault in enumerate(faults):
        key = f"checkout-{place}"
        posthog.clear()
        posthog.fail(fault, method="POST", seconds=0)
        payload = await edit(
            here,
            "createExperiment",
            MADE,
            source="posthog",
            key=key,
            name=f"Checkout {place}",
            type="PRODUCT",
            holdout=id_of(holdout),
            tags=[id_of(tag)],
            variants=[{"key": "control", "weight": 30}, {"key": "test", "weight": 70}],
            posthog={"metrics": [QUERY]},
        )
        assert payload["errors"] == [], fault
        number = max(posthog.experiments)
        assert here.applied == ["create"], fault
        made = payload["experiment"]
        assert (made["externalId"], made["key"]) == (str(number), key), fault
        assert made["sync"] == {"state": "SYNCED", "error": None}, fault
        there = posthog.experiments[number]
        assert (there["name"], there["type"]) == (f"Checkout {place}", "product")
        assert (there["holdout_id"], there["tags"]) == (int(holdout.external_id), [tag.tag])
        shares = [
            each["rollout_percentage"] for each in there["parameters"]["feature_flag_variants"]
        ]
        assert shares == [30, 70]
        assert there["metrics"][0]["source"] == QUERY["source"]
    rows = await here.rows(m.Experiment)
    assert len(rows) == RUNNING + len(faults)
    await here.sync()
    assert len(await here.rows(m.Experiment)) == RUNNING + len(faults)


async def test_a_key_that_only_posthog_knows_is_taken(here: Connected, posthog: PostHog) -> None:
    posthog.feature_flags[RUNNING]["key"] = "taken-since"
    posthog.feature_flags[RUNNING]["filters"]["multivariate"]["variants"] = []
    payload = await edit(
        here,
        "createExperiment",
        MADE,
        source="posthog",
        key="taken-since",
        name="n",
        variants=[{"key": "control"}, {"key": "test"}],
    )
    assert [error["__typename"] for error in payload["errors"]] == ["Taken"]
    assert here.applied == []


async def test_only_what_an_edit_changes_is_sent(here: Connected, posthog: PostHog) -> None:
    row = await here.row(RUNNING)
    payload = await edit(
        here,
        "updateExperiment",
        MADE,
        id=id_of(row),
        name="Another name",
        hypothesis="Kept here.",
        posthog={"onlyCountMaturedUsers": True},
    )
    assert payload["errors"] == []
    assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}
    there = posthog.experiments[RUNNING]
    assert (there["name"], there["only_count_matured_users"]) == ("Another name", True)
    [call] = [call for call in posthog.calls if call.method == "PATCH"]
    assert call.body == {"name": "Another name", "only_count_matured_users": True, "version": 1}
    row = await here.row(RUNNING)
    assert (row.name, row.hypothesis) == ("Another name", "Kept here.")


async def test_an_edit_of_what_somebody_else_changed_is_stale_and_shows_theirs(
    here: Connected, posthog: PostHog
) -> None:
    there = posthog.experiments[RUNNING]
    there.update(name="Theirs", version=there["version"] + 1)
    row = await here.row(RUNNING)
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), name="Mine")
    [error] = payload["errors"]
    assert error["__typename"] == "StaleVersion"
    row = await here.row(RUNNING)
    assert (row.name, there["name"]) == ("Theirs", "Theirs")

    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), name="Mine")
    assert payload["errors"] == []
    assert there["name"] == "Mine"


async def test_the_split_of_a_draft_follows_its_variants(here: Connected, posthog: PostHog) -> None:
    row = await here.row(DRAFT)
    posthog.experiments[DRAFT]["parameters"]["feature_flag_variants"] = [
        {"key": "control", "name": "Control", "split_percent": 50},
        {"key": "test", "name": "Test", "split_percent": 50},
    ]
    await here.sync()
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), percentages="20/80")
    assert payload["errors"] == []
    flag = posthog.experiments[DRAFT]["feature_flag"]
    shares = [each["rollout_percentage"] for each in flag["filters"]["multivariate"]["variants"]]
    assert shares == [20, 80]
    assert (await here.row(DRAFT)).percentages == "20/80"


async def test_a_holdout_is_made_changed_and_deleted_there(
    here: Connected, posthog: PostHog
) -> None:
    said = "holdout { id externalId name exclusionPercentage }"
    posthog.fail(Fault.CUT_AFTER, method="POST")
    payload = await edit(
        here, "createHoldout", said, source="posthog", name="Quiet", exclusionPercentage=10
    )
    assert payload["errors"] == []
    number = max(posthog.holdouts)
    made = payload["holdout"]
    assert (made["externalId"], made["exclusionPercentage"]) == (str(number), 10)
    assert posthog.holdouts[number]["filters"][0]["rollout_percentage"] == 10

    payload = await edit(here, "updateHoldout", said, id=made["id"], exclusionPercentage=20)
    assert (payload["errors"], payload["holdout"]["exclusionPercentage"]) == ([], 20)
    assert posthog.holdouts[number]["filters"][0]["rollout_percentage"] == 20

    payload = await edit(here, "deleteHoldout", id=made["id"])
    assert payload["errors"] == []
    assert number not in posthog.holdouts
    assert len(await here.rows(m.Holdout)) == len(posthog.holdouts)


async def test_a_saved_metric_is_made_changed_and_deleted_there(
    here: Connected, posthog: PostHog
) -> None:
    said = "savedMetric { id externalId name tags }"
    payload = await edit(
        here, "createSavedMetric", said, source="posthog", name="Paid", query=QUERY, tags=["a"]
    )
    assert payload["errors"] == []
    number = max(posthog.saved_metrics)
    made = payload["savedMetric"]
    assert (made["externalId"], posthog.saved_metrics[number]["tags"]) == (str(number), ["a"])

    payload = await edit(here, "updateSavedMetric", said, id=made["id"], tags=["b"])
    assert payload["errors"] == []
    assert posthog.saved_metrics[number]["tags"] == ["b"]

    payload = await edit(here, "deleteSavedMetric", id=made["id"])
    assert payload["errors"] == []
    assert number not in posthog.saved_metrics
