"""Changes on their way to a platform, which wait for each other and for nothing else."""

import asyncio
import json
from pathlib import Path

import pytest
import structlog

import models as m
from connectors.sync import Synced
from gateway import sources
from gateway.platforms import Platforms
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.making import everything
from tests.platforms.absmartly import Absmartly
from tests.platforms.checkmango import Checkmango
from tests.platforms.standin import Fault, fill
from tests.test_absmartly import in_step


async def test_what_is_done_to_a_new_iteration_waits_until_the_platform_has_made_it(
    database: Database, absmartly: Absmartly, tmp_path: Path
) -> None:
    number = absmartly.one("running")["id"]
    settings = {"delivery_seconds": 0.3, "schedule_seconds": 0.1}
    async with connected(database, absmartly, m.Platform.ABSMARTLY, tmp_path, **settings) as here:
        await here.sync()
        absmartly.clear()
        absmartly.fail(Fault.FAILING, method="PUT", path="/restart")
        old = await here.row(number)
        again = await here.act("restartExperiment", old, reason="testing")
        assert again["experiment"]["sync"]["state"] == "PENDING"
        made = next(row for row in await here.rows(m.Experiment) if row.external_id is None)
        ended = await here.act("stopExperiment", made, reason="testing")
        assert (ended["errors"], ended["experiment"]["sync"]["state"]) == ([], "PENDING")

        await here.hurry()
        await here.until(lambda: here.applied == ["restart", "stop"])
        new = max(absmartly.experiments)
        await here.settled(new)
        assert await here.deliveries() == [("RESTART", "DELIVERED"), ("STOP", "DELIVERED")]
        await in_step(here, number)
        await in_step(here, new)
        before = await everything(database)
        await here.sync()
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {"source"}


async def test_a_change_that_is_due_does_not_wait_for_a_sync(
    database: Database, absmartly: Absmartly, tmp_path: Path
) -> None:
    number = absmartly.one("ready")["id"]
    settings = {"delivery_seconds": 0.3, "schedule_seconds": 0.1, "sync_seconds": 0.1}
    async with connected(database, absmartly, m.Platform.ABSMARTLY, tmp_path, **settings) as here:
        await here.until(lambda: any("/experiments?" in call.path for call in absmartly.calls))
        row = await settled_by_the_clock(here, number)
        absmartly.clear()
        absmartly.fail(Fault.SLOW, times=100, path="/users", seconds=8)
        absmartly.fail(Fault.FAILING, method="PUT", path="/start")
        await asyncio.sleep(0.3)  # now a sync waits for the list of users
        payload = await here.act("startExperiment", row)
        assert payload["experiment"]["sync"]["state"] == "PENDING"
        await here.hurry()
        await here.until(lambda: here.applied == ["start"])
        await here.settled(number)
        assert not [call for call in absmartly.calls if call.path.startswith("/v1/users")]


async def settled_by_the_clock(here: Connected, number: int) -> m.Experiment:
    """An experiment, when the first sync has ended."""
    for _ in range(200):
        if (await here.source()).last_synced_at is not None:
            return await here.row(number)
        await asyncio.sleep(0.05)
    raise AssertionError("it is not synced after ten seconds")


async def test_a_source_that_fails_keeps_no_other_one_from_being_synced(
    database: Database, absmartly: Absmartly, checkmango: Checkmango, tmp_path: Path
) -> None:
    absmartly.fail(Fault.FAILING, times=1000)
    await sources.connect(database, "absmartly", m.Platform.ABSMARTLY, absmartly.url)
    async with connected(
        database, checkmango, m.Platform.CHECKMANGO, tmp_path, sync_seconds=300
    ) as here:
        tokens = {
            "absmartly": {"token": absmartly.token},
            "checkmango": {"token": here.standin.token},
        }
        here.secrets.write_text(json.dumps(tokens))
        for _ in range(400):
            failing, synced = await here.rows(m.Source)
            if synced.last_synced_at is not None:
                break
            await asyncio.sleep(0.05)
        assert synced.last_synced_at is not None
        assert (failing.last_synced_at, failing.failures) == (None, 1)


async def test_a_source_without_a_credential_says_so_once_and_is_synced_when_it_has_one(
    database: Database, checkmango: Checkmango, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(checkmango, experiments=1)
    looks: list[str] = []
    sync = Platforms.sync

    async def looked(here: Platforms, source: m.Source) -> Synced:
        looks.append(source.name)
        return await sync(here, source)

    monkeypatch.setattr(Platforms, "sync", looked)
    settings = {"schedule_seconds": 0.05, "sync_seconds": 300}
    lacks = "The source 'checkmango' has no credential in this process"
    with structlog.testing.capture_logs() as logged:
        async with connected(
            database, checkmango, m.Platform.CHECKMANGO, tmp_path, **settings
        ) as here:
            for written, reason in (
                ("{}", f"{lacks}."),
                ("{", f"{lacks}: the file of secrets cannot be used."),
            ):
                here.secrets.write_text(written)
                looks.clear()
                await here.until(lambda: len(looks) > 3)
                source = await here.source()
                assert (source.last_error, source.state) == (reason, m.SourceState.CONNECTED)
            assert checkmango.calls == []
            here.use_token(checkmango.token)
            for _ in range(400):
                if (await here.source()).last_synced_at is not None:
                    break
                await asyncio.sleep(0.05)
            assert (await here.source()).last_error is None
    told = [each for each in logged if each["event"].startswith("source ")]
    assert [(each["event"], each.get("reason")) for each in told] == [
        ("source not synced", f"{lacks}."),
        ("source not synced", f"{lacks}: the file of secrets cannot be used."),
        ("source synced again", None),
    ]
    assert await leaks(here) == []
