"""Why a change was not made: every expected failure is data, with its facts."""

import strawberry

import models as m
from models import arguments, errors
from resolvers import nodes
from resolvers.edges import ToOne
from schema import names as n
from schema.fields import batched, column, of_rows, one
from schema.lifecycle import Blocker
from schema.node import Node


@strawberry.interface(description="One reason why a change was not made.")
class UserError:
    message: str = column("What is wrong, for people.")
    code: str = column("What is wrong, for programs: the name of the type, as INVALID_TRANSITION.")
    path: list[str] = column("The field of the input to mend; empty where none would help.")


@of_rows(errors.InvalidTransition, "The action does not start from where the experiment stands.")
class InvalidTransition(UserError):
    # Nullable like UnsupportedByPlatform's, so that one selection can ask both for it.
    action: m.Action | None = column("The action.")
    from_: m.Phase = column("Where the experiment stands.", name="from")
    allowed: list[m.Action] = column("The actions that start from there.")


@of_rows(errors.NotReady, "The experiment lacks something that the action needs.")
class NotReady(UserError):
    blockers: list[Blocker] = column("Everything that it lacks.")


@of_rows(errors.StaleVersion, "Somebody changed it since you read it.")
class StaleVersion(UserError):
    current_version: int = column("The version that it has now.")


@of_rows(errors.ApprovalRequired, "A policy asks for approval first; nothing was changed.")
class ApprovalRequired(UserError):
    change_request: n.ChangeRequest | None = one(
        ToOne(m.ChangeRequest, "change_request_id"),
        "The request that waits for approval; null on a dry run.",
    )


@of_rows(arguments.FieldError, "What is wrong with one field of an input.")
class FieldError:
    path: list[str] = column("The field.")
    message: str = column("What is wrong, for people.")
    rule: str = column("The rule that it breaks, for programs.")


@of_rows(errors.ValidationFailed, "Fields of the input cannot be as they are.")
class ValidationFailed(UserError):
    fields: list[FieldError] = column("Everything that is wrong, field by field.")


@of_rows(errors.NotFound, "There is no such thing for this key.")
class NotFound(UserError):
    pass


@of_rows(errors.Forbidden, "The key may not do this.")
class Forbidden(UserError):
    scope: str | None = column("The scope that is missing; null where no scope would help.")


@of_rows(errors.Taken, "Another one has that name already.")
class Taken(UserError):
    field: str = column("The field.")
    value: str = column("The name.")


@of_rows(errors.InUse, "Others name it.")
class InUse(UserError):
    by: list[Node] = batched(
        nodes.named_by, "What names it, as far as the key may see it; at most 20."
    )


@of_rows(errors.UnsupportedByPlatform, "The platform has no such action.")
class UnsupportedByPlatform(UserError):
    platform: m.Platform = column("The platform.")
    action: m.Action | None = column("The action, if it is one of the lifecycle's.")


@of_rows(errors.IdempotencyConflict, "The idempotency key was used for another input.")
class IdempotencyConflict(UserError):
    pass


@of_rows(errors.UpstreamFailed, "The platform did not do what it was asked.")
class UpstreamFailed(UserError):
    source: str = column("The source.")
    status: int | None = column("The HTTP status of its answer, if there was one.")
    retryable: bool = column("Whether asking again may help.")
    retry_after: float | None = column("How many seconds to wait before, if it said so.")


@of_rows(errors.SubscriptionRequired, "The account at the platform has no plan that allows this.")
class SubscriptionRequired(UserError):
    pass


ERRORS = (
    InvalidTransition,
    NotReady,
    StaleVersion,
    ApprovalRequired,
    ValidationFailed,
    NotFound,
    Forbidden,
    Taken,
    InUse,
    UnsupportedByPlatform,
    IdempotencyConflict,
    UpstreamFailed,
    SubscriptionRequired,
)
"""Members that are reached through the interface only."""
