"""Auth0's codes of errors: what each means, in our words; its sentences are not read."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from connectors.http import Reply
from connectors.refusals import BY_STATUS, unpaid, unsupported
from models.arguments import FieldError
from models.errors import UserError
from models.phase import Platform
from models.readiness import Blocker

CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
VARIANTS = frozenset({"CREATE_VARIANT", "UPDATE_VARIANT", "DELETE_VARIANT"})

BLOCKERS: Mapping[str, tuple[str, str]] = {
    "feature_flag_not_active": ("The feature flag is not active.", "featureFlag"),
    "experiment_missing_allocations": ("There are no allocations.", "allocations"),
    "variation_not_from_flag": (
        "An allocation names a variation that is not the feature flag's.",
        "allocations",
    ),
    "experiment_missing_control": (
        "Exactly one of the allocations must be the control.",
        "allocations",
    ),
    "experiment_invalid_allocation_weights": (
        "The weights of the allocations do not sum to 100.",
        "allocations",
    ),
    "experiment_missing_default": (
        "Exactly one of the allocations must be the fallback.",
        "allocations",
    ),
    "experiment_active_limit_exceeded": ("Another experiment is active already.", "id"),
}
"""What an activation lacks, and the field to mend."""

FIELDS: Mapping[str, FieldError] = {
    "experiment_requires_pause": FieldError(
        ("allocations",), "Auth0 asks for a pause before allocations change.", "requires_pause"
    ),
    "variation_not_from_flag": FieldError(
        ("allocations",), "A variation is not of the experiment's feature flag.", "unknown"
    ),
}
"""What cannot be written so."""


def code_of(reply: Reply) -> str | None:
    """The code of an error, where there is one of the usual form."""
    try:
        found: Any = reply.json()
    except ValueError:
        return None
    code = found.get("errorCode") if isinstance(found, dict) else None
    return code if isinstance(code, str) and CODE.fullmatch(code) else None


def blocker(code: Any) -> Blocker:
    """What stands in the way of an activation."""
    known = code if isinstance(code, str) and CODE.fullmatch(code) else "platform_refused"
    message, field = BLOCKERS.get(known, ("Auth0 does not take this action as it stands.", "id"))
    return Blocker(known, message, (field,))


def forbidden(source: str, verb: str, reply: Reply) -> UserError:
    """Why something is forbidden: no plan for it, a flag that Auth0 manages, or our credential."""
    code = code_of(reply)
    if code == "feature_not_entitled":
        return unpaid(source, reply.status)
    if verb in {"CREATE", *VARIANTS} and code is None:
        what = "way to change a feature flag that it manages itself"
        return unsupported(Platform.AUTH0, verb, what).reasons[0]
    return BY_STATUS[HTTPStatus.FORBIDDEN](source, reply.status)
