"""Parts of things: lists that are whole and lists that add, what waits, what is left alone."""

import json
from io import BytesIO
from typing import Any

import pytest

import models as m
from connectors.auth0.answers import AUTH0
from connectors.checkmango.answers import CHECKMANGO
from connectors.importing import staged
from connectors.payloads.documents import Document
from connectors.posthog.answers import POSTHOG
from models.database import Database
from tests.importing import payload, rows, take, together

EXPERIMENT: dict[str, Any] = {"id": 7, "name": "Search", "feature_flag_key": "search"}


def arms(*keys: str) -> dict[str, Any]:
    """A PostHog experiment with these variants."""
    variants = [{"key": key, "split_percent": 100 / len(keys)} for key in keys]
    return EXPERIMENT | {"parameters": {"feature_flag_variants": variants}}


async def places(database: Database) -> list[tuple[int, str]]:
    return sorted(await rows(database, m.Variant, "index", "key"))


# --- Whole lists


async def test_any_order_of_variants_follows_any_other(database: Database) -> None:
    orders = ["ab", "ba", "abc", "cab", "dcba", "b", "abcdefg", "gfedcba", "a"]
    for order in orders:
        await take(database, arms(*order))
        assert await places(database) == list(enumerate(order))
        report = await take(database, arms(*order))
        assert {how for _, how in report.outcomes} == {"unchanged"}

    assert await rows(database, m.Experiment, "version") == [len(orders)]


async def test_of_two_whole_lists_in_one_import_the_first_wins(database: Database) -> None:
    await together(database, [arms("a", "b"), arms("b", "c")])

    assert await places(database) == [(0, "a"), (1, "b")]


async def test_what_goes_with_a_list_takes_nothing_else_along(database: Database) -> None:
    await take(database, arms("a", "b") | {"id": 8, "name": "Other"}, arms("a", "b"))
    async with database.write() as session:
        session.add(m.Screenshot(experiment_id=2, variant_id=4, variant_index=1, label="kept"))
    await take(database, arms("a"))

    assert await rows(database, m.Variant, "experiment_id", "key") == [(1, "a"), (1, "b"), (2, "a")]
    assert await rows(database, m.Screenshot, "variant_id", "label") == [(None, "kept")]


async def test_the_order_of_a_list_counts_a_version_once(database: Database) -> None:
    await take(database, arms("a", "b", "c"))
    report = await take(database, arms("c", "a", "b") | {"name": "Found"})

    assert await rows(database, m.Experiment, "version") == [2]
    assert report.outcomes == {("experiment", "updated"): 1, ("variant", "updated"): 3}


# --- What waits


STEP = payload("auth0/ramp")
RAMPED = payload("auth0/experiments")["experiments"][1]


async def test_what_waits_fills_only_what_nobody_says(database: Database) -> None:
    silent = {key: said for key, said in RAMPED.items() if key != "current_level"}
    await take(database, STEP, source="silent")
    await take(database, silent, source="silent")
    await take(database, STEP, source="speaking")
    await take(database, RAMPED, source="speaking")

    assert await rows(database, m.Experiment, "ramp_current_level") == [50, 25]
    assert await rows(database, m.Reference, "target_external_id", "target_type") == []


async def test_what_waits_is_merged_with_what_comes_to_it(database: Database) -> None:
    first = {"id": "exp_GfHjKmNpQ", "description": "Early."}
    await take(database, first, STEP, first | {"description": "Late."})
    [(waits, kept)] = await rows(database, m.Reference, "target_external_id", "link_values")
    assert waits == "exp_GfHjKmNpQ"
    assert kept["said"][0] == {"description": [0, "Late."], "ramp_current_level": [0, 50]}

    silent = {key: said for key, said in RAMPED.items() if key != "current_level"}
    await take(database, silent)
    assert await rows(database, m.Experiment, "description", "ramp_current_level") == [
        ("Late.", 50)
    ]


async def test_what_waits_is_told_once(database: Database) -> None:
    report = await take(database, STEP)
    reason = "it is not known yet, and nothing says its key; it is kept until then"
    assert report.reasons == {("experiment", reason): 1}
    assert report.waiting == 1

    report = await take(database, payload("auth0/feature_flags"))
    assert report.reasons == {}
    assert report.waiting == 1


async def test_a_variation_waits_for_its_flag_and_its_arm_for_both(database: Database) -> None:
    flags, variations = payload("auth0/feature_flags"), payload("auth0/variations")
    experiments = payload("auth0/experiments_beta")
    await take(database, variations, experiments)
    assert await rows(database, m.FeatureFlag, "id") == []
    assert await rows(database, m.Variant, "name") == [None] * 4
    assert await rows(database, m.Experiment, "feature_flag_id") == [None, None]

    report = await take(database, flags)
    assert await rows(database, m.Variant, "name") == ["As it is", "Mail only", "As it is", None]
    assert await rows(database, m.Experiment, "feature_flag_id") == [1, 1]
    assert report.elsewhere == {"experiment": 2, "variant": 3}
    assert report.waiting == 0


async def test_a_link_with_what_it_says_waits_for_its_end(database: Database) -> None:
    link = {"id": 1, "saved_metric": 15, "metadata": {"type": "primary", "why": [1, {"a": 2}]}}
    metrics: dict[str, Any] = {"metrics": [], "metrics_secondary": [], "saved_metrics": [link]}
    await take(database, EXPERIMENT | metrics)
    assert await rows(database, m.ExperimentSavedMetric, "role") == []

    await take(database, payload("posthog/saved_metrics"))
    assert await rows(database, m.ExperimentSavedMetric, "role", "link_metadata") == [
        ("PRIMARY", link["metadata"])
    ]
    report = await take(database, EXPERIMENT | metrics)
    assert {how for _, how in report.outcomes} == {"unchanged"}


async def test_a_key_that_looks_like_one_of_ours_is_nobodys(database: Database) -> None:
    said = EXPERIMENT | {"@key": "mine", "@status": "stopped", "@variants": [{"key": "a"}]}
    report = await take(database, said)

    assert await rows(database, m.Experiment, "key", "phase", "details") == [
        ("search", "DRAFT",
         {"@@key": "mine", "@@status": "stopped", "@@variants": [{"key": "a"}]})
    ]  # fmt: skip
    assert await rows(database, m.Variant, "id") == []
    assert sum(report.unknown_keys.values()) == 3


# --- What is left alone


@pytest.mark.parametrize(
    ("vocabulary", "before", "after", "external_id"),
    [
        (POSTHOG, arms("a", "b"), arms("b", "c"), "7"),
        (
            AUTH0,
            {"id": "exp_1", "name": "x", "allocations": [{"variation_id": "var_1"}]},
            {"id": "exp_1", "name": "y", "allocations": [{"variation_id": "var_2"}]},
            "exp_1",
        ),
        (
            CHECKMANGO,
            payload("checkmango/experiments"),
            {"data": {
                "type": "variants",
                "attributes": {"id": 72, "team_id": 17, "key": "RENAMED"},
                "relationships": {
                    "experiment": {"data": {"type": "experiments", "id": "SHORT_BASKET"}}
                },
            }},
            "31",
        ),
    ],
    ids=["posthog", "auth0", "checkmango"],
)  # fmt: skip
async def test_an_experiment_that_is_left_alone_keeps_its_parts(
    database: Database, vocabulary: Any, before: Any, after: Any, external_id: str
) -> None:
    async def write(said: Any, leave: frozenset[str]) -> None:
        documents = [Document("file", BytesIO(json.dumps(said).encode()))]
        async with (
            staged(documents, source="shop", vocabulary=vocabulary) as ready,
            database.write() as session,
        ):
            await ready.write(await session.connection(), leave)

    columns = ("external_id", "key", "index")
    await write(before, frozenset())
    kept = await rows(database, m.Variant, *columns), await rows(database, m.Experiment, "version")
    await write(after, frozenset({external_id}))
    assert kept == (
        await rows(database, m.Variant, *columns),
        await rows(database, m.Experiment, "version"),
    )

    await write(after, frozenset())
    assert await rows(database, m.Variant, *columns) != kept[0]


async def test_a_first_start_that_was_reset_is_remembered(database: Database) -> None:
    begun = EXPERIMENT | {"status": "running", "start_date": "2026-05-04T08:00:00Z"}
    await take(database, begun, EXPERIMENT | {"status": "draft", "start_date": None})
    [(phase, started, first)] = await rows(
        database, m.Experiment, "phase", "started_at", "first_started_at"
    )

    assert (phase, started) == ("DRAFT", None)
    assert first is not None
