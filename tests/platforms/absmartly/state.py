"""What ABsmartly's stand-in holds, and the forms of its answers."""

from math import ceil
from typing import Any

from starlette.responses import Response

from tests.platforms.standin import Answer, Ask, Refused, Row, StandIn, stamp

AUTHOR = 1
"""The user that the credential acts as."""

DETAIL = (
    "preview_variants",
    "alerts",
    "sample_size",
    "group_sequential_analyses",
    "recommended_action",
    "experiment_task_states",
    "iterations",
)
"""What an experiment shows in its detail, and in lists only with ``previews=1``."""

AUTHORED = frozenset({"experiments", "experiment_notes", "goals"})
"""The tables whose rows embed who made them."""

SLIM = ("id", "name", "iteration", "state", "start_at", "stop_at", "full_on_at", "created_at")


TOKEN = "absmartly-personal-key-3f1c"  # noqa: S105  a stand-in's


class State(StandIn):
    """The tables, by number; ``families`` are the numbers of all iterations, by each of them.

    ``refusal_status`` is how a call that is not legal from where an experiment stands is refused;
    the platform publishes no number. 200 is its soft form: ``ok: false`` in a good answer.
    ``archived_in_lists`` shows what is archived in lists that were not asked for it.
    """

    base = "/v1"
    scheme = "Api-Key"

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self.refusal_status = 409
        self._indexed = (0, 0)
        self._activity: dict[int, list[Row]] = {}
        self.archived_in_lists = False
        self.families: dict[int, list[int]] = {}
        self.tables: dict[str, dict[int, Row]] = {"experiments": self.experiments}
        self.users = self._table("users")
        self.teams = self._table("teams")
        self.applications = self._table("applications")
        self.environments = self._table("environments")
        self.unit_types = self._table("unit_types")
        self.experiment_tags = self._table("experiment_tags")
        self.goal_tags = self._table("goal_tags")
        self.metric_tags = self._table("metric_tags")
        self.metric_categories = self._table("metric_categories")
        self.segments = self._table("segments")
        self.goals = self._table("goals")
        self.metrics = self._table("metrics")
        self.notes = self._table("experiment_notes")
        self.files = self._table("file_uploads")
        self.schedule = self._table("scheduled_actions")
        self.custom_fields = self._table("experiment_custom_section_fields")

    def _table(self, name: str) -> dict[int, Row]:
        return self.tables.setdefault(name, {})

    # --- Answers

    def status(self, row: Row) -> str:
        """The state, or ``full_on``, or ``archived``."""
        return status_of(row)

    def problem(self, status: int, text: str) -> Response:
        """``{"ok": false, "errors": […]}``."""
        return Answer({"ok": False, "errors": [text]}, status)

    def unauthenticated(self, *, expired: bool) -> Response:
        """401."""
        return self.problem(401, "The API key has expired" if expired else "Unauthorized")

    def too_often(self, seconds: float) -> Response:
        """429 with Retry-After in whole seconds."""
        answer = self.problem(429, "Too many requests")
        answer.headers["Retry-After"] = f"{ceil(seconds)}"
        return answer

    @staticmethod
    def done(**things: Any) -> Response:
        """The answer to a change."""
        return Answer({"ok": True, "errors": [], **things})

    @staticmethod
    def refuse(status: int, *errors: str) -> Refused:
        """To be raised."""
        return Refused(Answer({"ok": False, "errors": list(errors)}, status))

    # --- Rows

    def find(self, table: str, number: int) -> Row:
        """The row of that number. Raises Refused with 404."""
        row = self.tables[table].get(number)
        if row is None:
            raise self.refuse(404, f"{table} {number} not found")
        return row

    def add(self, table: str, row: Row) -> Row:
        """Keep a new row under the next number."""
        number = max(self.tables[table], default=0) + 1
        made = {"id": number, **row, **self.audit(nested=table in AUTHORED)}
        self.tables[table][number] = made
        return made

    def audit(self, *, nested: bool = True) -> Row:
        """Who made a row, and when; small things name their makers by number only."""
        people = {"created_by": self.users.get(AUTHOR), "updated_by": None}
        return {
            "created_at": stamp(),
            "created_by_user_id": AUTHOR,
            "updated_at": None,
            "updated_by_user_id": None,
            **(people if nested else {}),
        }

    def touch(self, row: Row) -> None:
        """Say that a row was changed, and by whom."""
        row["updated_at"] = stamp()
        row["updated_by_user_id"] = AUTHOR
        if "updated_by" in row:
            row["updated_by"] = self.users.get(AUTHOR)

    def note(self, experiment: int, action: str, ask: Ask, **more: Any) -> Row:
        """Write an activity note."""
        said = ask.body.get("note")
        blank: Row = {
            "experiment_id": experiment,
            "action": action,
            "note": said,
            "variant": None,
            "reply_to_note_id": None,
            "reply_to_experiment_note": [],
            "new_experiment_id": None,
        }
        return self.add("experiment_notes", {**blank, **more})

    @staticmethod
    def seeds(number: int) -> Row:
        """Seeds that are a new experiment's own."""
        mixed = number * 0x9E3779B97F4A7C15
        return {"seed": f"{mixed % 2**63}", "traffic_seed": f"{mixed // 7 % 2**63}"}

    def activity(self, experiment: int) -> list[Row]:
        """The notes of an experiment, the first one first, without replies."""
        last = next(reversed(self.notes.values()), None)
        if self._indexed != (len(self.notes), id(last)):
            self._indexed = (len(self.notes), id(last))
            self._activity = {}
            for note in self.notes.values():
                if note["reply_to_note_id"] is None:
                    self._activity.setdefault(note["experiment_id"], []).append(note)
        return self._activity.get(experiment, [])

    def family(self, experiment: int) -> list[Row]:
        """The iterations of the family that an experiment is of, the first one first."""
        return [self.experiments[number] for number in self.numbers(experiment)]

    def numbers(self, experiment: int) -> list[int]:
        """The numbers of the family that an experiment is of."""
        return self.families.setdefault(experiment, [experiment])

    def detail(self, row: Row) -> Row:
        """An experiment as it is shown by itself."""
        family = self.family(row["id"])
        return {**row, "iterations": [{key: each[key] for key in SLIM} for each in family]}


def status_of(row: Row) -> str:
    """Where an experiment stands: three of its fields in one word."""
    if row["archived"]:
        return "archived"
    if row["state"] == "running" and row["full_on_at"]:
        return "full_on"
    return str(row["state"])
