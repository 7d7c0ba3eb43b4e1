"""What PostHog's stand-in holds, and the forms of its answers."""

from copy import deepcopy
from math import ceil
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from tests.platforms.standin import Answer, Ask, Refused, Row, StandIn, stamp

CALLER = 1
"""The user whose key is ``token``."""

MEMBER, ADMIN = 1, 8
"""Levels of membership in the organisation."""

FORMS = {
    400: ("validation_error", "invalid_input"),
    401: ("authentication_error", "authentication_failed"),
    403: ("authentication_error", "permission_denied"),
    404: ("invalid_request", "not_found"),
    405: ("invalid_request", "method_not_allowed"),
    429: ("throttled_error", "throttled"),
}
NEWER = (
    "status",
    "version",
    "tags",
    "primary_metrics_ordered_uuids",
    "secondary_metrics_ordered_uuids",
    "running_time_calculation",
    "only_count_matured_users",
    "is_legacy",
)
"""What an experiment shows in newer releases only."""

Policy = dict[str, Any]


TOKEN = "phx_stand_in_9b27"  # noqa: S105  a stand-in's


class State(StandIn):
    """The tables, by number (change requests and policies by their id).

    ``newest`` False is a release that lags: no status, version or order of metrics in answers, no
    unarchive and freeze calls, a variant ``control`` demanded, launches that pass the gate.
    """

    base = "/api/projects/1"
    slashed = True

    def __init__(self, token: str = TOKEN, *, newest: bool = True) -> None:
        super().__init__(token)
        self.newest = newest
        self.users: dict[int, Row] = {}
        self.levels: dict[int, int] = {}
        self.roles: dict[int, set[str]] = {}
        self.feature_flags: dict[int, Row] = {}
        self.holdouts: dict[int, Row] = {}
        self.saved_metrics: dict[int, Row] = {}
        self.change_requests: dict[str, Row] = {}
        self.approval_policies: dict[str, Row] = {}
        self.recalculations: dict[str, Row] = {}
        self.cohorts = 0

    # --- Who asks

    def token_of(self, user: int) -> str:
        """The key of another user, who may approve what the caller asks for."""
        return self.token if user == CALLER else f"{self.token}-of-{user}"

    def knows(self, token: str) -> bool:
        """Whether it is the key of a user."""
        return token in {self.token_of(user) for user in {CALLER, *self.users}}

    def caller(self, ask: Ask) -> int:
        """The user who asks."""
        return next(user for user in {CALLER, *self.users} if self.token_of(user) == ask.token)

    def require_approval(self, action: str, *, quorum: int = 1, **more: Any) -> Row:
        """Make a policy under which writes of that kind wait for the users 2 and 3."""
        approvers = {"quorum": quorum, "users": [2, 3], "roles": []}
        return self.add_policy({"action_key": action, "approver_config": approvers, **more})

    def add_policy(self, said: Row) -> Row:
        """Keep a policy."""
        row = {
            "id": str(uuid4()),
            "action_key": "",
            "conditions": {"type": "any_change"},
            "approver_config": {"quorum": 1, "users": [], "roles": []},
            "allow_self_approve": False,
            "bypass_org_membership_levels": [],
            "bypass_roles": [],
            "expires_after": "14 00:00:00",
            "enabled": True,
            **said,
        }
        self.approval_policies[row["id"]] = row
        return row

    # --- Answers

    def status(self, row: Row) -> str:
        """The status, or ``archived``, or ``deleted``."""
        return "deleted" if row["deleted"] else "archived" if row["archived"] else status_of(row)

    def problem(self, status: int, text: str) -> Response:
        """``{type, code, detail, attr}``."""
        return self.failed(status, text).response

    @staticmethod
    def failed(status: int, text: str, attr: str | None = None) -> Refused:
        """To be raised."""
        kind, code = FORMS.get(status, ("server_error", "error"))
        return Refused(Answer({"type": kind, "code": code, "detail": text, "attr": attr}, status))

    def invalid(self, text: str, attr: str | None = None) -> Refused:
        """400, to be raised."""
        return self.failed(400, text, attr)

    def unauthenticated(self, *, expired: bool) -> Response:
        """401."""
        gone = "Personal API key has expired." if expired else "Invalid personal API key."
        return self.problem(401, gone)

    def forbidden(self) -> Response:
        """403."""
        return self.problem(403, "API key missing required scope 'experiment:write'")

    def too_often(self, seconds: float) -> Response:
        """429 with Retry-After."""
        wait = ceil(seconds)
        answer = self.problem(429, f"Request was throttled. Expected available in {wait} seconds.")
        answer.headers["Retry-After"] = str(wait)
        return answer

    # --- Rows

    def find(self, table: dict[Any, Row], key: Any) -> Row:
        """A row. Raises Refused with 404."""
        row = table.get(key)
        if row is None:
            raise self.failed(404, "Not found.")
        return row

    def experiment(self, ask: Ask, *, deleted: bool = False) -> Row:
        """The experiment that a path names, which is not deleted unless that is looked for."""
        row = self.find(self.experiments, ask.path["id"])
        if row["deleted"] and not deleted:
            raise self.failed(404, "Not found.")
        return row

    def shown(self, row: Row) -> Row:
        """An experiment as answers have it."""
        links = [
            {**link, "name": metric["name"], "query": metric["query"]}
            for link in row["saved_metrics"]
            if (metric := self.saved_metrics.get(link["saved_metric"]))
        ]
        whole = {**row, "saved_metrics": links, "status": status_of(row)}
        return whole if self.newest else {k: v for k, v in whole.items() if k not in NEWER}

    def touch(self, row: Row) -> None:
        """Say that an experiment was changed."""
        row["version"] += 1
        row["updated_at"] = stamp()

    @staticmethod
    def write_flag(flag: Row, changes: Row) -> None:
        """Change a flag past every gate."""
        flag.update(deepcopy(changes))
        flag["version"] += 1


def frozen(row: Row) -> bool:
    """Whether the flag of an experiment lets only those in who were exposed already."""
    cohort = row["exposure_cohort"]
    return cohort is not None and any(
        prop["type"] == "cohort" and prop["value"] == cohort
        for group in row["feature_flag"]["filters"]["groups"]
        for prop in group["properties"]
    )


def status_of(row: Row) -> str:
    """The status: stored for draft, running and stopped, read off the flag for the rest."""
    if row["start_date"] is None:
        return "draft"
    if row["end_date"] is not None:
        return "stopped"
    if not row["feature_flag"]["active"]:
        return "paused"
    return "exposure_frozen" if frozen(row) else "running"
