"""People: owners, team members, authors."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field

from models.base import BIG, Sourced, text


class User(Sourced, table=True):
    """A person as one source knows them."""

    NATURAL_KEY = ("email",)

    email: str | None = text(index=True)
    first_name: str | None = text()
    last_name: str | None = text()
    department: str | None = text()
    job_title: str | None = text()
    directory_id: str | None = text()
    archived: bool = False
    avatar_url: str | None = text()
    avatar_id: int | None = Field(
        default=None,
        # A file names its author and a user names a file: one of the two must come later.
        sa_column=Column(
            BIG, ForeignKey("file.id", use_alter=True, name="fk_user_avatar_id"), index=True
        ),
    )
    last_login_at: datetime | None = None
    last_login_failure_at: datetime | None = None
    consecutive_login_failures: int | None = None
    demo_user: bool | None = None
