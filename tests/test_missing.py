"""What a platform has no more: it is marked when the platform says so, and not before."""

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

import models as m
from connectors.base import Page
from connectors.checkmango.client import Checkmango as CheckmangoConnector
from connectors.posthog.client import PostHog as PostHogConnector
from models.database import Database
from tests.connected import Connected, connected
from tests.platforms.checkmango import Checkmango
from tests.platforms.posthog import PostHog
from tests.platforms.standin import Fault, StandIn, fill


async def missing(here: Connected) -> list[str]:
    """The ids of the experiments that are marked."""
    rows = await here.rows(m.Experiment)
    return [row.external_id for row in rows if row.sync_state is m.SyncState.MISSING]


def listed(standin: StandIn) -> list[str]:
    """The experiments that a list shows, one page of it or the other, as calls tell."""
    return [call.path for call in standin.calls if "/experiments" in call.path]


def lost_after(monkeypatch: pytest.MonkeyPatch, connector: Any, lose: Any) -> None:
    """Let something happen on the platform after the first page of experiments was read."""
    original = connector.page

    async def page(here: Any, resource: str, cursor: str | None) -> Page:
        found: Page = await original(here, resource, cursor)
        if found.experiments:
            lose()
        return found

    monkeypatch.setattr(connector, "page", page)


async def test_who_moves_up_in_a_list_that_is_walked_is_not_taken_for_gone(
    database: Database, posthog: PostHog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(posthog, experiments=8)
    for row in posthog.experiments.values():
        row.update(archived=False, deleted=False)
    monkeypatch.setattr("connectors.posthog.project.LIMIT", 3)
    async with connected(database, posthog, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        first, *_ = sorted(posthog.experiments.values(), key=lambda row: row["created_at"])
        lost_after(monkeypatch, PostHogConnector, lambda: first.update(deleted=True))
        posthog.clear()
        await here.sync()
        assert await missing(here) == []
        asked = [path for path in listed(posthog) if "?" not in path]
        assert len(asked) == 1  # the one that no page showed, by its id

        posthog.clear()
        await here.sync()
        assert await missing(here) == [str(first["id"])]
        assert f"/experiments/{first['id']}/" in listed(posthog)[-1]


async def test_pages_of_checkmango_lose_nobody_either(
    database: Database, checkmango: Checkmango, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(checkmango, experiments=8)
    monkeypatch.setattr("connectors.checkmango.lists.PER_PAGE", 2)
    first = min(checkmango.experiments)
    async with connected(database, checkmango, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        lost_after(
            monkeypatch, CheckmangoConnector, lambda: checkmango.experiments.pop(first, None)
        )
        await here.sync()
        assert await missing(here) == []
        await here.sync()
        assert await missing(here) == [str(first)]


@pytest.mark.parametrize("fault", [Fault.FAILING, Fault.CUT_AFTER, Fault.EXPIRED])
async def test_while_the_platform_says_nothing_of_it_nothing_is_said_here(
    database: Database,
    posthog: PostHog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    monkeypatch.setattr("connectors.http.ATTEMPTS", 1)
    fill(posthog, experiments=2)
    async with connected(database, posthog, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        [lost, *_] = posthog.experiments
        posthog.experiments[lost]["deleted"] = True
        posthog.fail(fault, path=f"/experiments/{lost}/")
        await here.sync()
        assert await missing(here) == []
        posthog.clear()
        await here.sync()
        assert await missing(here) == [str(lost)]


async def test_what_may_not_be_read_any_more_is_gone_for_us(
    database: Database, posthog: PostHog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(posthog, experiments=2)
    lets_in = posthog.refusal
    async with connected(database, posthog, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        [lost, *_] = posthog.experiments
        posthog.experiments[lost]["deleted"] = True

        def refusal(request: Request, path: str) -> Response | None:
            hidden = path.endswith(f"/experiments/{lost}/")
            return posthog.forbidden() if hidden else lets_in(request, path)

        monkeypatch.setattr(posthog, "refusal", refusal)
        await here.sync()
        assert await missing(here) == [str(lost)]


async def test_so_many_are_asked_for_and_the_others_wait_for_the_next_sync(
    database: Database, checkmango: Checkmango, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(checkmango, experiments=5)
    monkeypatch.setattr("connectors.missing.MOST", 2)
    async with connected(database, checkmango, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        checkmango.experiments.clear()
        for count in (2, 4, 5):
            await here.sync()
            assert len(await missing(here)) == count
