"""What every platform's connector is: how a platform is read, changed, and understood."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from connectors.http import EXPIRED, Api, Reply
from connectors.payloads.vocabulary import Vocabulary
from models.base import Sourced, now
from models.errors import UserError
from models.experiment import Experiment
from models.phase import Platform


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, as it came.

    ``next`` is where the list goes on, None at its end. ``experiments`` are the external ids of
    the experiments on it, for telling which ones are gone. ``asked_at`` is when it was asked for.
    """

    body: bytes
    next: str | None = None
    experiments: tuple[str, ...] = ()
    asked_at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Task:
    """What must be done on a platform.

    ``verb`` is an action of the lifecycle or the kind of edit. ``row`` is the experiment (or what
    else it is about) as it stands here, changed already; ``before`` and ``after`` are what
    `models.delivery.shown_by` says of it without and with the change. ``made`` is the experiment
    that it makes, if it makes one from another. ``at`` is when it was decided here. ``about`` is
    the external id of the note that it answers or changes.
    """

    verb: str
    row: Any
    arguments: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    made: Experiment | None = None
    at: datetime = field(default_factory=now)
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What an answer brought beside its outcome: a document that can be imported.

    ``change_request`` is the external id of the change request in it that must be approved first.
    """

    body: bytes
    change_request: str | None = None


class Fate(StrEnum):
    """What the platform shows of a call whose answer was lost."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    OVERTAKEN = "OVERTAKEN"


class Connector(ABC):
    """One source's platform. Raises PlatformFailed wherever the platform cannot be asked."""

    platform: ClassVar[Platform]
    vocabulary: ClassVar[Vocabulary]
    resources: ClassVar[tuple[str, ...]]
    """The lists that a sync walks, in an order in which what is named mostly comes first."""

    per_minute: ClassVar[float | None] = None
    """The platform's published limit of calls."""

    scheme: ClassVar[str] = "Bearer"
    """The scheme of its Authorization header."""

    expired: ClassVar[frozenset[int]] = EXPIRED
    """The statuses by which it says that our credential is not good (any more)."""

    def __init__(self, api: Api) -> None:
        self.api = api

    @abstractmethod
    async def page(self, resource: str, cursor: str | None) -> Page:
        """A page of a list; from its beginning without a cursor."""

    async def complete(self, page: Page, known: Mapping[str, datetime | None]) -> Page:
        """The page with what its list does not say of experiments that are new or changed.

        ``known`` is when the experiments that are here already were changed, by external id.
        """
        del known
        return page

    @abstractmethod
    async def read(self, row: Sourced) -> bytes | None:
        """The platform's own document of an experiment (or what else is written through).

        It is in a form that can be imported.

        None where the platform has it no more (or not yet, if it was never made there).
        """

    @abstractmethod
    def shown(self, document: bytes) -> dict[str, Any]:
        """What `shown_by` would say of the experiment in a document of `read`."""

    @abstractmethod
    async def perform(self, task: Task) -> Reply:
        """Do it, with the one call that changes something. Raises PlatformFailed.

        Reading before is allowed. What comes back is the answer to that call, good or bad.
        """

    @abstractmethod
    async def refusal(self, task: Task, reply: Reply) -> tuple[UserError, ...]:
        """Why the platform refused, in our words and types; nothing of its text."""

    def accepted(self, reply: Reply) -> bool:
        """Whether the platform did what it was asked; some say no in an answer that looks good."""
        return reply.ok

    def made(self, task: Task, reply: Reply) -> str | None:
        """The external id that the task's row (or what it makes) has by a call; None for none."""
        del task, reply
        return None

    def traced(self, task: Task, document: bytes) -> str | None:
        """The same by what the platform shows, where no answer told."""
        del task, document
        return None

    def variants(self, task: Task, document: bytes) -> Mapping[int, str]:
        """The external ids of variants that a change made, by index, where they have any."""
        del task, document
        return {}

    def noted(self, task: Task, document: bytes) -> str | None:
        """The external id of the note that the platform wrote beside a change, if it keeps any.

        ``document`` is one of `read`, or the answer to the call.
        """
        del task, document
        return None

    def brought(self, task: Task, reply: Reply) -> Brought | None:
        """What else of an answer, good or bad, belongs into the graph."""
        del task, reply
        return None

    def is_repeatable(self, verb: str) -> bool:
        """Whether doing it twice is the same as doing it once, so that it may just be repeated."""
        del verb
        return False

    def fate(self, task: Task, document: bytes | None) -> Fate:
        """What became of a call whose answer was lost, by what the platform shows now.

        Only what the task was to change is compared: the rest may have been changed by others.
        """
        if document is None:
            if task.after["deleted"]:
                return Fate.DONE
            return Fate.NOT_DONE if task.before["deleted"] else Fate.OVERTAKEN
        found = self.shown(document)
        moved = {name for name in found if task.before[name] != task.after[name]}
        names = moved or found.keys()
        if all(found[name] == task.after[name] for name in names):
            return Fate.DONE
        if all(found[name] == task.before[name] for name in names):
            return Fate.NOT_DONE
        return Fate.OVERTAKEN
