"""Applications: where experiments are shown."""

from models.base import Sourced, text


class Application(Sourced, table=True):
    """A product surface, such as a web site or an app."""

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    archived: bool = False
