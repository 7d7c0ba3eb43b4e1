"""Approval policies in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.connection import Connection
from schema.fields import column, connection, of_rows, one
from schema.filters import (
    BooleanFilter,
    Filter,
    IDFilter,
    StringFilter,
    combined,
    matches,
    matches_id,
    related,
)
from schema.inputs import ChangeInput, RowInput, required, said
from schema.node import Audited
from schema.payloads import Payload, subject
from schema.scalars import JSON


@of_rows(m.ApprovalPolicy, "A rule by which an action needs more than one pair of eyes.")
class ApprovalPolicy(Audited):
    name: str = column("What it is called.")
    action: m.Action | None = column("The action that it gates; null is any.")
    platform: m.Platform | None = column("The platform that it is about; null is any.")
    team: n.Team | None = one(r.POLICY_TEAM, "The team that it is about; null is any.")
    quorum: int = column("How many approvals are needed.")
    allow_self_approval: bool = column("Whether the requester's own approval counts.")
    expires_after_hours: int | None = column(
        "After how many hours a request expires; null is never."
    )
    enabled: bool = column("Whether it is in force.")
    version: int = column("Grows by one with every change.")
    external_id: str | None = column(
        "The id by which its platform knows it; such a policy holds there, and gates nothing here."
    )
    native_action: str | None = column("The platform's own word for what it gates, verbatim.")
    extra: JSON | None = column("What the platform said and no other field takes, verbatim.")
    change_requests: Connection[n.ChangeRequest] = connection(
        r.POLICY_CHANGE_REQUESTS,
        "The requests that it called for.",
        where=n.ChangeRequestWhere,
        order_by=n.ChangeRequestOrder,
    )


@strawberry.input(description="Conditions on approval policies.")
class ApprovalPolicyWhere:
    id: IDFilter | None = matches_id("id", m.ApprovalPolicy, "The id.")
    name: StringFilter | None = matches("name", "What it is called.")
    action: Filter[m.Action] | None = matches("action", "The action that it gates.")
    platform: Filter[m.Platform] | None = matches("platform", "The platform that it is about.")
    enabled: BooleanFilter | None = matches("enabled", "Whether it is in force.")
    team: n.TeamWhere | None = related(r.POLICY_TEAM, "The team that it is about.")
    and_: list[n.ApprovalPolicyWhere] | None = combined("and")
    or_: list[n.ApprovalPolicyWhere] | None = combined("or")
    not_: n.ApprovalPolicyWhere | None = combined("not")


@strawberry.input(one_of=True, description="What approval policies are ordered by.")
class ApprovalPolicyOrder:
    name: Direction | None = matches("name", "What it is called.")
    created_at: Direction | None = matches("created_at", "When it was made.")


@strawberry.input
class ApprovalPolicyFields:
    """What a policy's creation and change both take."""

    action: m.Action | None = said("The action that it gates; null is any.")
    platform: m.Platform | None = said("The platform that it is about; null is any.")
    team: strawberry.ID | None = said(
        "The team that it is about; null is any. A key that is bound to teams must name one of "
        "them."
    )
    quorum: int | None = said("How many approvals are needed: 1 to 100, 1 unless said.")
    allow_self_approval: bool | None = said("Whether the requester's own approval counts.")
    expires_after_hours: int | None = said(
        "After how many hours a request expires, at least 1; null is never."
    )
    enabled: bool | None = said("Whether it is in force; it is unless said.")


@strawberry.input(description="What making an approval policy takes.")
class CreateApprovalPolicyInput(ApprovalPolicyFields, ChangeInput):
    name: str = required("What it is called; no two policies are called alike.")


@strawberry.input(description="What changing an approval policy takes: what is left out stays.")
class UpdateApprovalPolicyInput(ApprovalPolicyFields, RowInput):
    name: str | None = said("What it is called; no two policies are called alike.")


@strawberry.input(description="What deleting an approval policy takes.")
class DeleteApprovalPolicyInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new approval policy.")
class CreateApprovalPolicyPayload(Payload):
    approval_policy: n.ApprovalPolicy | None = subject(m.ApprovalPolicy, "The approval policy.")


@of_rows(Outcome, "What became of a change of an approval policy.")
class UpdateApprovalPolicyPayload(Payload):
    approval_policy: n.ApprovalPolicy | None = subject(
        m.ApprovalPolicy, "The approval policy as it stands now."
    )


@of_rows(Outcome, "What became of deleting an approval policy.")
class DeleteApprovalPolicyPayload(Payload):
    approval_policy: n.ApprovalPolicy | None = subject(
        m.ApprovalPolicy, "The approval policy, if it is still there."
    )
