"""One experiment of each platform that may be started, for tests of what all stand-ins do."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.platforms.absmartly import Absmartly
from tests.platforms.auth0 import Auth0
from tests.platforms.checkmango import Checkmango
from tests.platforms.fixtures import Stages, stand
from tests.platforms.posthog import PostHog
from tests.platforms.standin import Row, StandIn

KINDS: dict[str, Callable[[], StandIn]] = {
    "absmartly": Absmartly,
    "posthog": PostHog,
    "auth0": lambda: Auth0(generation=2),
    "auth0_first": lambda: Auth0(generation=1),
    "checkmango": Checkmango,
}
STARTS: dict[str, tuple[str, str, str, str, Row]] = {
    "absmartly": ("ready", "running", "PUT", "/experiments/{id}/start", {}),
    "posthog": ("draft", "running", "POST", "/experiments/{id}/launch/", {}),
    "auth0": ("draft", "active", "PATCH", "/experiments/{id}", {"status": "active"}),
    "auth0_first": ("draft", "active", "POST", "/experiments/{id}/status", {"status": "active"}),
    "checkmango": ("draft", "running", "POST", "/teams/1/experiments/{key}/start", {}),
}
"""How each platform starts something: from where, to where, and the call."""

LISTS: dict[str, tuple[str, Row, set[str]]] = {
    "absmartly": ("/experiments", {"iterations": 1, "include_archived": 1, "items": 7}, set()),
    "posthog": ("/experiments/", {"limit": 7}, {"archived", "deleted"}),
    "auth0": ("/experiments", {"take": 7}, {"archived"}),
    "auth0_first": ("/experiments", {"take": 7}, {"archived"}),
    "checkmango": ("/teams/1/experiments", {"per_page": 7}, set()),
}
"""The list of experiments of each platform, a page of it, and what it does not show."""


def auth0_refusal(kind: str) -> tuple[int, Row]:
    text = f"{kind} token received for JSON Web Token validation"
    return 401, {"statusCode": 401, "error": "Unauthorized", "message": text}


def posthog_refusal(text: str) -> tuple[int, Row]:
    form = {"type": "authentication_error", "code": "authentication_failed", "attr": None}
    return 401, {**form, "detail": text}


REFUSED: dict[str, tuple[int, Row]] = {
    "absmartly": (401, {"ok": False, "errors": ["Unauthorized"]}),
    "posthog": posthog_refusal("Invalid personal API key."),
    "auth0": auth0_refusal("Invalid"),
    "auth0_first": auth0_refusal("Invalid"),
    "checkmango": (403, {"message": "Unauthenticated."}),
}
EXPIRED: dict[str, tuple[int, Row]] = {
    "absmartly": (401, {"ok": False, "errors": ["The API key has expired"]}),
    "posthog": posthog_refusal("Personal API key has expired."),
    "auth0": auth0_refusal("Expired"),
    "auth0_first": auth0_refusal("Expired"),
    "checkmango": (403, {"message": "Unauthenticated."}),
}


@dataclass(frozen=True)
class Case:
    """A served stand-in, with an experiment on it that may be started."""

    name: str
    standin: StandIn
    row: Row

    def start(self, http: httpx.Client, **more: Any) -> httpx.Response:
        """Start it."""
        _, _, method, path, body = STARTS[self.name]
        return http.request(method, path.format(**self.row), json=body, **more)

    def starting(self, http: httpx.Client) -> AbstractContextManager[httpx.Response]:
        """Start it, and read the answer as it comes."""
        _, _, method, path, body = STARTS[self.name]
        return http.stream(method, path.format(**self.row), json=body)

    @property
    def started(self) -> bool:
        """Whether it was started, and once."""
        key = self.row["key"] if self.name == "checkmango" else self.row["id"]
        applied = [each.experiment for each in self.standin.applied]
        return applied == [key] and self.standin.status(self.row) == STARTS[self.name][1]

    @property
    def untouched(self) -> bool:
        """Whether nothing was done to it."""
        return not self.standin.applied and self.standin.status(self.row) == STARTS[self.name][0]


def standing(name: str, stages: Stages) -> Case:
    """The platform's stand-in, filled and served."""
    standin = KINDS[name]()
    stand(stages(name), standin)
    if isinstance(standin, Auth0):
        standin.active_limit = False
    return Case(name, standin, standin.one(STARTS[name][0]))
