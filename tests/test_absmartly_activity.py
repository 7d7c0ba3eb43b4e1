"""ABsmartly, connected: what is only said there comes too, though it changes no experiment."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

import models as m
from connectors.absmartly import client
from models.database import Database
from tests.connected import Connected, connected
from tests.platforms.absmartly import Absmartly
from tests.platforms.standin import fill


async def read(here: Connected) -> list[int]:
    """The experiments whose activity a sync reads."""
    here.standin.clear()
    await here.sync()
    return [int(c.path.split("/")[3]) for c in here.standin.calls if "/activity?" in c.path]


async def test_activity_is_read_again_a_few_experiments_at_a_time(
    database: Database, absmartly: Absmartly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(absmartly, experiments=4)
    absmartly.experiments[3].update(state="stopped", stop_at="2020-01-01T00:00:00.000Z")
    async with connected(database, absmartly, m.Platform.ABSMARTLY, tmp_path) as here:
        assert sorted(await read(here)) == [1, 2, 3, 4]
        await say(absmartly, 4, "Looks good.")
        assert await read(here) == []  # all of it was read within the hour

        monkeypatch.setattr(client, "HEARD_AGAIN", timedelta(0))
        monkeypatch.setattr(client, "AGAIN", 2)
        assert sorted(await read(here)) == [1, 2]
        assert 4 in await read(here)  # whose turn is next; 3 has ended long ago
        [said] = [note for note in await here.rows(m.Note) if note.note == "Looks good."]
        assert said.experiment_id == (await here.row(4)).id


async def say(platform: Absmartly, number: int, note: str) -> None:
    """Say something on the platform itself."""
    async with httpx.AsyncClient(headers={"Authorization": f"Api-Key {platform.token}"}) as there:
        path = f"{platform.url}/experiments/{number}/activity"
        assert (await there.post(path, json={"note": note})).status_code == 200
