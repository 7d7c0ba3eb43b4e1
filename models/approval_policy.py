"""Approval policies: which actions need more than one pair of eyes."""

from typing import Any, ClassVar

from models.base import Audited, choice, document, link, text
from models.phase import Action, Platform


class ApprovalPolicy(Audited, table=True):
    """A rule that gates an action; an empty column means any.

    One with an ``external_id`` is a platform's own: it holds there, and gates nothing here.
    ``extra`` is what else the platform says of it.
    """

    ID_SPACE: ClassVar[tuple[str, ...]] = ("platform",)

    name: str = text(nullable=False)
    action: Action | None = choice(Action)
    platform: Platform | None = choice(Platform)
    team_id: int | None = link("team")
    quorum: int = 1
    allow_self_approval: bool = False
    expires_after_hours: int | None = None
    enabled: bool = True
    external_id: str | None = text()
    native_action: str | None = text()
    extra: dict[str, Any] | None = document()
    version: int = 1
