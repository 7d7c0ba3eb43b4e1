"""What may not change while an experiment runs, against a table by hand."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from models.lifecycle import native_state
from resolvers.identity import decode
from tests.contract import OVERLAYS, PHASES
from tests.designs import CHANGED, OTHER_GROUPS, Designer, full, things
from tests.making import everything
from tests.nouns import wrong

LOCAL = """type percentages unitType primaryMetric minimumDetectableEffect allocationStrategy
  allocations holdout featureFlag exposureCriteria statsConfig"""
ABSMARTLY = """type percentages unitType primaryMetric minimumDetectableEffect
  absmartly.analysisType absmartly.requiredAlpha absmartly.requiredPower
  absmartly.baselinePrimaryMetricMean absmartly.baselinePrimaryMetricStdev
  absmartly.baselineParticipantsPerDay absmartly.groupSequentialFutilityType
  absmartly.groupSequentialAnalysisCount absmartly.groupSequentialMinAnalysisInterval
  absmartly.groupSequentialFirstAnalysisInterval absmartly.groupSequentialMaxDurationInterval"""
POSTHOG = "key featureFlag posthog.createInFolder"
AUTH0 = "featureFlag allocationStrategy"
PAST_DRAFT = "auth0.authenticationFlow auth0.defaultConfig rampLevels"

LOCKED = {
    ("LOCAL", "DRAFT READY DEVELOPMENT"): "",
    ("LOCAL", "RUNNING PAUSED FROZEN STOPPED"): LOCAL,
    ("ABSMARTLY", "DRAFT READY DEVELOPMENT"): "",
    ("ABSMARTLY", "RUNNING STOPPED"): ABSMARTLY,
    ("POSTHOG", "DRAFT"): POSTHOG,
    ("POSTHOG", "RUNNING PAUSED FROZEN STOPPED"): f"{POSTHOG} holdout",
    ("AUTH0", "DRAFT"): AUTH0,
    ("AUTH0", "RUNNING"): f"{AUTH0} {PAST_DRAFT} allocations",
    ("AUTH0", "PAUSED STOPPED"): f"{AUTH0} {PAST_DRAFT}",
    ("CHECKMANGO", "DRAFT STOPPED"): "",
    ("CHECKMANGO", "RUNNING"): "percentages",
}
"""The fields of an update that are refused, by platform and phase."""

FULL_ON = {
    "LOCAL": f"{LOCAL} percentageOfTraffic audience audienceStrict rampLevels",
    "ABSMARTLY": "everything",
    "POSTHOG": f"{POSTHOG} holdout",
    "AUTH0": f"{AUTH0} {PAST_DRAFT} allocations",
    "CHECKMANGO": "percentages",
}
"""The same while one variant is given to everybody."""

EVERY = "number key name description isControl weight config"
VARIANTS = {
    ("LOCAL", "DRAFT READY DEVELOPMENT"): "",
    ("LOCAL", "RUNNING PAUSED FROZEN STOPPED"): EVERY,
    ("ABSMARTLY", "DRAFT READY DEVELOPMENT"): "",
    ("ABSMARTLY", "RUNNING STOPPED"): EVERY,
    ("POSTHOG", "DRAFT"): "",
    ("POSTHOG", "RUNNING PAUSED FROZEN STOPPED"): "number key",
    ("AUTH0", "DRAFT RUNNING PAUSED STOPPED"): "",
    ("CHECKMANGO", "DRAFT STOPPED"): "",
    ("CHECKMANGO", "RUNNING"): EVERY,
}
"""What of variants is refused: their number, and which of their fields."""

OTHER_VARIANT = {
    "key": "third",
    "name": "Third",
    "description": "Another.",
    "isControl": False,
    "weight": 12,
    "config": {"size": 12},
}

RAMPED = {"LOCAL", "AUTH0"}
every_platform = pytest.mark.parametrize("platform", PHASES)


def locked(table: dict[tuple[str, str], str], platform: str, phase: str) -> set[str]:
    [found] = [
        set(fields.split())
        for (each, phases), fields in table.items()
        if each == platform and phase in phases.split()
    ]
    return found


def everything_else(platform: str, **more: Any) -> dict[str, Any]:
    """An update that would change whatever it can on the platform."""
    group = {platform.lower(): OTHER_GROUPS[platform]} if OTHER_GROUPS[platform] else {}
    ramp = {"rampLevels": [1, 2]} if platform in RAMPED else {}
    return {**CHANGED, **group, **ramp, **more}


def names(given: dict[str, Any]) -> set[str]:
    """The fields of an update as a refusal calls them."""
    groups = {name for name in given if name in {p.lower() for p in PHASES}}
    inside = {f"{group}.{name}" for group in groups for name in given[group]}
    return {*given} - groups | inside


def without(given: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """The update without some of its fields."""
    left: dict[str, Any] = {}
    for name, value in given.items():
        if name in {p.lower() for p in PHASES}:
            inner = {k: v for k, v in value.items() if f"{name}.{k}" not in fields}
            left |= {name: inner} if inner else {}
        elif name not in fields:
            left[name] = value
    return left


async def put(database: Database, made: Any, phase: str, **values: Any) -> None:
    """Bring an experiment into a phase, past the lifecycle."""
    cleared = dict.fromkeys(("full_on_at", "full_on_variant", "release_mode", "deleted_at"))
    async with database.write() as session:
        row = await session.get_one(m.Experiment, decode(made["id"])[1])
        native = native_state(row.platform, m.Phase(phase), archived=False)
        values = {**cleared, "archived": False, "archived_at": None, **values}
        for name, value in {"phase": m.Phase(phase), "native_state": native, **values}.items():
            setattr(row, name, value)


async def start(
    client: httpx.AsyncClient, database: Database, platform: str
) -> tuple[Designer, Any]:
    """A designer, and an experiment that says everything."""
    editor = Designer(client, await things(database, platform))
    ramp = {"rampLevels": [10, 50, 100]} if platform in RAMPED else {}
    return editor, await editor.made(**full(platform, **ramp))


def refused(payload: Any) -> set[str]:
    """The fields that are locked; no other reason is there."""
    if payload["ok"]:
        return set()
    reasons = wrong(payload)
    assert {rule for _, rule in reasons} == {"locked"}
    assert len(reasons) == len({field for field, _ in reasons})
    return {field for field, _ in reasons}


@every_platform
async def test_what_a_phase_locks_is_refused_at_once_and_the_rest_can_be_changed(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await start(client, database, platform)
    given = everything_else(platform)
    for phase in PHASES[platform].split():
        await put(database, made, phase)
        expected = locked(LOCKED, platform, phase)
        before = await everything(database)
        if expected:
            payload = await editor.update(id=made["id"], **given)
            assert refused(payload) == expected, phase
            assert payload["experiment"]["version"] == 1
        free = await editor.update(id=made["id"], dryRun=True, **without(given, expected))
        assert free["errors"] == [], phase
        assert await everything(database) == before


@every_platform
async def test_a_locked_field_is_refused_by_itself_and_may_be_said_again(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await start(client, database, platform)
    again = {name: value for name, value in full(platform).items() if name in CHANGED}
    await put(database, made, "RUNNING")
    before = await everything(database)
    given = everything_else(platform)
    for field in sorted(locked(LOCKED, platform, "RUNNING")):
        alone = without(given, names(given) - {field})
        assert refused(await editor.update(id=made["id"], **alone)) == {field}
    said = await editor.update(id=made["id"], **again)
    assert (said["ok"], said["event"]) == (True, None)
    assert await everything(database) == before


@every_platform
async def test_what_is_full_on_is_locked_further(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await start(client, database, platform)
    given = everything_else(platform)
    await put(database, made, "RUNNING", **OVERLAYS["released"])
    before = await everything(database)
    everything_given = FULL_ON[platform] == "everything"
    expected = names(given) if everything_given else set(FULL_ON[platform].split())

    assert refused(await editor.update(id=made["id"], **given)) == expected
    free = await editor.update(id=made["id"], dryRun=True, **without(given, expected))
    assert free["errors"] == []
    assert await everything(database) == before


@every_platform
async def test_what_is_archived_or_deleted_is_not_edited_but_takes_notes(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await start(client, database, platform)
    given, variant = everything_else(platform), made["variants"][0]["id"]
    for overlay in ("archived", "deleted", "archived and deleted"):
        await put(database, made, "STOPPED", **OVERLAYS[overlay])
        before = await everything(database)
        assert refused(await editor.update(id=made["id"], **given)) == names(given)
        added = await editor.variant("create", experiment=made["id"], key="x")
        changed = await editor.variant("update", id=variant, **OTHER_VARIANT)
        gone = await editor.variant("delete", id=variant)
        assert (refused(added), refused(gone)) == ({"experiment"}, {"id"})
        assert refused(changed) == {*OTHER_VARIANT}
        assert await everything(database) == before
    noted = await editor.update(id=made["id"], note="Nevertheless.")
    assert (noted["ok"], noted["experimentNote"]["note"]) == (True, "Nevertheless.")


@every_platform
async def test_what_a_phase_locks_of_variants(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await start(client, database, platform)
    await editor.update(id=made["id"], allocations=[])
    first = made["variants"][0]["id"]
    for phase in PHASES[platform].split():
        await put(database, made, phase)
        expected = locked(VARIANTS, platform, phase)
        fields = expected - {"number"}
        before = await everything(database)
        added = await editor.variant("create", experiment=made["id"], key="x", dryRun=True)
        gone = await editor.variant("delete", id=first, dryRun=True)
        number = "number" in expected
        assert refused(added) == ({"experiment"} if number else set()), phase
        assert refused(gone) == ({"id"} if number else set()), phase
        if fields:
            assert refused(await editor.variant("update", id=first, **OTHER_VARIANT)) == fields
        rest = {name: value for name, value in OTHER_VARIANT.items() if name not in fields}
        assert (await editor.variant("update", id=first, dryRun=True, **rest))["ok"], phase
        assert await everything(database) == before


async def test_percentages_cannot_add_an_arm_that_may_not_be_added(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await start(client, database, "POSTHOG")
    await put(database, made, "PAUSED")
    before = await everything(database)
    refusal = await editor.update(id=made["id"], percentages="40/30/30")
    assert refused(refusal) == {"percentages"}
    assert await everything(database) == before
    moved = await editor.update(id=made["id"], percentages="40/60")
    assert [each["weight"] for each in moved["experiment"]["variants"]] == [40.0, 60.0]


LEGACY: list[dict[str, Any]] = [
    {"is_legacy": True},
    {"metrics": [{"kind": "ExperimentTrendsQuery"}]},
    {"metrics_secondary": [{}, {"kind": "ExperimentFunnelsQuery"}]},
]


@pytest.mark.parametrize("document", LEGACY)
async def test_a_launched_experiment_with_legacy_metrics_takes_a_name_and_a_description(
    client: httpx.AsyncClient, database: Database, document: dict[str, Any]
) -> None:
    editor, made = await start(client, database, "POSTHOG")
    await put(database, made, "DRAFT", details=document)
    given = without(everything_else("POSTHOG"), set(POSTHOG.split()))
    draft = await editor.update(id=made["id"], dryRun=True, **given)
    await put(database, made, "RUNNING", details=document)
    before = await everything(database)
    refusal = await editor.update(id=made["id"], **given)

    assert draft["errors"] == []
    assert refused(refusal) == names(given) - {"name", "description"}
    assert await everything(database) == before
    free = await editor.update(id=made["id"], name="Other", description=None)
    assert (free["ok"], free["experiment"]["name"]) == (True, "Other")


@pytest.mark.parametrize("platform", ["POSTHOG", "AUTH0"])
async def test_a_flag_that_was_never_named_can_still_be_named(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = Designer(client, await things(database, platform))
    made = await editor.made(key="k", name="n", source=f"import-{platform.lower()}")
    named = await editor.update(id=made["id"], featureFlag="@flag")
    other = await editor.update(id=made["id"], featureFlag="@flag2")

    assert named["experiment"]["featureFlag"] == {"id": editor.ids["flag"]}
    assert refused(other) == {"featureFlag"}


async def test_what_is_locked_is_told_beside_what_is_wrong(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await start(client, database, "ABSMARTLY")
    await put(database, made, "RUNNING")
    before = await everything(database)
    payload = await editor.update(
        id=made["id"],
        percentageOfTraffic=101,
        type="TEST",
        absmartly={"requiredAlpha": 2, "templateName": ""},
    )

    assert wrong(payload) == [
        ("percentageOfTraffic", "range"),
        ("absmartly.requiredAlpha", "range"),
        ("absmartly.templateName", "required"),
        ("type", "locked"),
        ("absmartly.requiredAlpha", "locked"),
    ]
    assert await everything(database) == before


async def test_what_was_locked_can_be_changed_after_a_reset(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await start(client, database, "LOCAL")
    await put(database, made, "STOPPED")
    assert refused(await editor.update(id=made["id"], type="TEST")) == {"type"}
    await editor.mutate("resetExperiment", {"id": made["id"]})
    free = await editor.update(id=made["id"], **everything_else("LOCAL"))
    assert free["ok"] is True
