"""Why platforms refuse, in our words: reasons that mean the same everywhere.

Nothing of an answer's text gets into them.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from connectors.base import Task
from models.errors import (
    InvalidTransition,
    NotFound,
    Refusal,
    SubscriptionRequired,
    UnsupportedByPlatform,
    UpstreamFailed,
    UserError,
)
from models.lifecycle import Standing, allowed, row_of
from models.phase import Action, Phase, Platform

ACTIONS = frozenset(Action)


def unsupported(platform: Platform, verb: str, what: str | None = None) -> Refusal:
    """The refusal of what a platform cannot do; ``what`` says it where the verb does not."""
    action = Action(verb) if verb in ACTIONS else None
    message = f"{platform} has no {what or verb}."
    return Refusal(
        UnsupportedByPlatform(message=message, path=("id",), platform=platform, action=action)
    )


def gone(source: str) -> NotFound:
    """The reason where the platform does not have what the change is about."""
    return NotFound(message=f"The source {source!r} does not have it (any more).", path=("id",))


def credential_refused(source: str, status: int) -> UpstreamFailed:
    """The reason where our own credential is not good for this, which is not the caller's fault."""
    return _failed(source, "refuses the credential that this gateway has for it", status)


def not_understood(source: str, status: int) -> UpstreamFailed:
    """The reason where the platform said no, and nobody knows why."""
    return _failed(source, f"refused, with HTTP status {status}", status)


def unpaid(source: str, _: int) -> SubscriptionRequired:
    """The reason where the account's plan does not have it."""
    message = f"The source {source!r} asks for another subscription."
    return SubscriptionRequired(message=message, path=("id",))


BY_STATUS: Mapping[int, Callable[[str, int], UserError]] = {
    HTTPStatus.UNAUTHORIZED: credential_refused,
    HTTPStatus.PAYMENT_REQUIRED: unpaid,
    HTTPStatus.FORBIDDEN: credential_refused,
    HTTPStatus.NOT_FOUND: lambda source, _: gone(source),
}
"""What a status means on every platform, whatever was asked."""


def illegal(task: Task, shown: Mapping[str, Any]) -> InvalidTransition | None:
    """The reason why an action does not start from where a platform shows the experiment.

    None where it does, or where the task is no action.
    """
    action = Action(task.verb) if task.verb in ACTIONS else None
    taken = row_of(task.row.platform, action) if action else None
    if action is None or taken is None:
        return None
    standing = Standing(
        Phase(shown["phase"]),
        archived=shown.get("archived", False),
        deleted=shown.get("deleted", False),
        released=shown.get("released") is not None,
    )
    blocker = taken.illegal(standing)
    if blocker is None:
        return None
    return InvalidTransition(
        message=f"On the platform it stands otherwise: {blocker.message}",
        path=("id",),
        action=action,
        from_=standing.phase,
        allowed=allowed(task.row.platform, standing),
    )


def _failed(source: str, reason: str, status: int) -> UpstreamFailed:
    return UpstreamFailed(
        message=f"The source {source!r} {reason}.",
        path=("id",),
        source=source,
        status=status,
        retryable=False,
        retry_after=None,
    )
