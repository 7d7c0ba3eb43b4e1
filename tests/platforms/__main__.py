"""``python -m tests.platforms``: all four platforms on ports of 127.0.0.1, until told to stop.

A line of JSON for each says where it is and what it is asked with.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.platforms.absmartly import Absmartly
from tests.platforms.auth0 import Auth0
from tests.platforms.checkmango import Checkmango
from tests.platforms.posthog import PostHog
from tests.platforms.standin import StandIn, fill, serve

PLATFORMS: dict[str, Callable[[], StandIn]] = {
    "ABSMARTLY": Absmartly,
    "POSTHOG": PostHog,
    "AUTH0": Auth0,
    "CHECKMANGO": Checkmango,
}
ENDING = {signal.SIGINT, signal.SIGTERM}


def described(platform: str, standin: StandIn) -> dict[str, str]:
    """What a client must know of a platform."""
    found = {"platform": platform, "url": standin.url, "token": standin.token}
    if isinstance(standin, Auth0):
        names = ("client_id", "client_secret", "token_url")
        found |= {name: getattr(standin, name) for name in names}
    return found


@contextmanager
def standing(experiments: int, port: int = 0) -> Iterator[dict[str, StandIn]]:
    """All four, filled and served; ``port`` is the first of four."""
    found = {}
    with ExitStack() as stack:
        for place, (name, kind) in enumerate(PLATFORMS.items()):
            standin = kind()
            fill(standin, experiments=experiments)
            if isinstance(standin, PostHog):
                standin.make_requests()
            found[name] = stack.enter_context(serve(standin, port + place if port else 0))
        yield found


def main() -> None:
    """Serve them."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms", description=__doc__)
    parser.add_argument("--experiments", type=int, default=60, help="how many each one has")
    parser.add_argument("--port", type=int, default=0, help="the first of four ports; 0: any")
    asked = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with standing(asked.experiments, asked.port) as standins:
        for each in standins.items():
            sys.stdout.write(json.dumps(described(*each)) + "\n")
        sys.stdout.flush()
        signal.sigwait(ENDING)


if __name__ == "__main__":
    main()
