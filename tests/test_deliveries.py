"""Changes that wait for each other on their way to a platform."""

from pathlib import Path

import models as m
from models.database import Database
from tests.connected import connected
from tests.making import everything
from tests.platforms.absmartly import Absmartly
from tests.platforms.standin import Fault
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
