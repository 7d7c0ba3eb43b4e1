"""Change requests in the graph."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers.edges import ToOne
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.fields import column, many, of_rows, one
from schema.filters import DateTimeFilter, Filter, IDFilter, combined, matches, matches_id, related
from schema.inputs import ChangeInput, required, said
from schema.node import Audited
from schema.payloads import EXPERIMENT, Payload, subject
from schema.scalars import JSON


@of_rows(m.Approval, "One person's word on a change request.")
class Approval:
    change_request: n.ChangeRequest | None = one(r.APPROVAL_CHANGE_REQUEST, "The request.")
    decision: m.Decision = column("Yes or no.")
    reason: str | None = column("Why.")
    created_at: datetime | None = column("When it was said.")
    created_by: n.User | None = one(r.CREATED_BY, "Who said it.")
    actor: str | None = column("The credential that it was said with.")


@of_rows(m.ChangeRequest, "A wanted action that waits for approval.")
class ChangeRequest(Audited):
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment that would change.")
    policy: n.ApprovalPolicy | None = one(r.CHANGE_REQUEST_POLICY, "The policy that called for it.")
    external_id: str | None = column("The id by which its platform knows it.")
    action: m.Action | None = column("The wanted action.")
    native_action: str | None = column("The platform's own word for the action, verbatim.")
    state: m.ChangeRequestState = column("How it stands.")
    quorum: int = column("How many approvals are needed.")
    allow_self_approval: bool = column("Whether who asked may approve it too.")
    actor: str | None = column("The credential that it was asked with.")
    experiment_version: int | None = column(
        "The version of the experiment that is approved; where it has another one, this is STALE."
    )
    intent: JSON | None = column("The arguments of the wanted action.")
    reason: str | None = column("Why it was rejected, went stale or failed.")
    expires_at: datetime | None = column("When it expires.")
    applied_at: datetime | None = column("When it was applied.")
    extra: JSON | None = column("What the platform said and no other field takes, verbatim.")
    approvals: list[n.Approval] = many(r.CHANGE_REQUEST_APPROVALS, "What was said of it so far.")


@strawberry.input(description="Conditions on change requests.")
class ChangeRequestWhere:
    id: IDFilter | None = matches_id("id", m.ChangeRequest, "The id.")
    state: Filter[m.ChangeRequestState] | None = matches("state", "How it stands.")
    action: Filter[m.Action] | None = matches("action", "The wanted action.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    expires_at: DateTimeFilter | None = matches("expires_at", "When it expires.")
    experiment: n.ExperimentWhere | None = related(
        r.EXPERIMENT, "The experiment that would change."
    )
    created_by: n.UserWhere | None = related(r.CREATED_BY, "Who asked.")
    and_: list[n.ChangeRequestWhere] | None = combined("and")
    or_: list[n.ChangeRequestWhere] | None = combined("or")
    not_: n.ChangeRequestWhere | None = combined("not")


@strawberry.input(one_of=True, description="What change requests are ordered by.")
class ChangeRequestOrder:
    created_at: Direction | None = matches("created_at", "When it was made.")
    expires_at: Direction | None = matches("expires_at", "When it expires.")
    state: Direction | None = matches("state", "How it stands.")


@strawberry.interface(description="What every decision on a change request answers.")
class ChangeRequestPayload(Payload):
    change_request: n.ChangeRequest | None = subject(
        m.ChangeRequest, "The change request as it stands now."
    )
    experiment: n.Experiment | None = one(
        EXPERIMENT, "The experiment; changed, if this made up the quorum."
    )
    experiment_note: n.Note | None = one(
        ToOne(m.Note, "note_id"), "The entry that the change left in the experiment's activity."
    )


@strawberry.input(description="What approving a change request takes.")
class ApproveChangeRequestInput(ChangeInput):
    id: strawberry.ID = required("The id of the change request.")
    reason: str | None = said("What there is to say about it.")


@of_rows(Outcome, "What became of an approval; at quorum, of the change itself.")
class ApproveChangeRequestPayload(ChangeRequestPayload):
    pass


@strawberry.input(description="What rejecting a change request takes.")
class RejectChangeRequestInput(ChangeInput):
    id: strawberry.ID = required("The id of the change request.")
    reason: str = required("Why.")


@of_rows(Outcome, "What became of a rejection.")
class RejectChangeRequestPayload(ChangeRequestPayload):
    pass


@strawberry.input(description="What cancelling a change request takes.")
class CancelChangeRequestInput(ChangeInput):
    id: strawberry.ID = required("The id of the change request.")
    reason: str | None = said("Why.")


@of_rows(Outcome, "What became of cancelling a change request.")
class CancelChangeRequestPayload(ChangeRequestPayload):
    pass
