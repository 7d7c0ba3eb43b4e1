"""Approval policies: which actions need more than one pair of eyes."""

from models.base import Audited, choice, link, text
from models.phase import Action, Platform


class ApprovalPolicy(Audited, table=True):
    """A rule that gates an action; an empty column means any."""

    name: str = text(nullable=False)
    action: Action | None = choice(Action)
    platform: Platform | None = choice(Platform)
    team_id: int | None = link("team")
    quorum: int = 1
    allow_self_approval: bool = False
    expires_after_hours: int | None = None
    enabled: bool = True
    version: int = 1
