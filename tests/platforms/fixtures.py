"""Fixtures: each platform's stand-in, served, with a little of everything in it.

The servers stay for the whole run; every test gets a stand-in of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.types import Receive, Scope, Send

from tests.platforms.absmartly import Absmartly
from tests.platforms.auth0 import Auth0
from tests.platforms.checkmango import Checkmango
from tests.platforms.posthog import PostHog
from tests.platforms.standin import StandIn, fill, serve


class Stage:
    """A server that the stand-ins of one test after the other stand on."""

    base = ""
    url = ""

    def __init__(self) -> None:
        self.current: StandIn | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the stand-in of the moment answer."""
        assert self.current is not None
        await self.current(scope, receive, send)


Stages = Callable[[str], Stage]


@pytest.fixture(scope="session")
def stages() -> Iterator[Stages]:
    """Servers by name, each started when it is first asked for."""
    opened: dict[str, Stage] = {}
    with ExitStack() as stack:

        def stage(name: str) -> Stage:
            if name not in opened:
                opened[name] = stack.enter_context(serve(Stage()))
            return opened[name]

        yield stage


def stand(stage: Stage, standin: StandIn) -> None:
    """Put a filled stand-in on a server."""
    fill(standin)
    stage.current = standin
    standin.url = f"{stage.url}{standin.base}"


@pytest.fixture
def absmartly(stages: Stages) -> Absmartly:
    """ABsmartly."""
    standin = Absmartly()
    stand(stages("absmartly"), standin)
    return standin


@pytest.fixture
def posthog(stages: Stages) -> PostHog:
    """PostHog, of the newest release."""
    standin = PostHog()
    stand(stages("posthog"), standin)
    return standin


@pytest.fixture
def auth0(stages: Stages) -> Auth0:
    """Auth0, of the second generation."""
    standin = Auth0(generation=2)
    stand(stages("auth0"), standin)
    return standin


@pytest.fixture
def auth0_first(stages: Stages) -> Auth0:
    """Auth0, of the first generation."""
    standin = Auth0(generation=1)
    stand(stages("auth0_first"), standin)
    return standin


@pytest.fixture
def checkmango(stages: Stages) -> Checkmango:
    """Checkmango."""
    standin = Checkmango()
    stand(stages("checkmango"), standin)
    return standin
