"""What can be followed, and what is told of each event."""

import strawberry

from resolvers import relations as r
from resolvers import subscription as s
from schema import names as n
from schema.fields import Argument, column, of_rows, one, subscription

AFTER = Argument(
    "after", str | None, "Go on behind this cursor, and miss nothing; from now on unless given."
)


@of_rows(s.ExperimentChange, "An event about an experiment, and how that is now.")
class ExperimentChange:
    cursor: str = column("Where to go on from after this, for `after`. Opaque.")
    event: n.Event = column("What happened.")
    experiment: n.Experiment | None = one(
        r.EXPERIMENT, "The experiment as it is now; null where it went out of sight just now."
    )
    matches: bool = column("Whether the experiment satisfies the condition now.")


@of_rows(s.LogEntry, "An event, with its place in the log.")
class LogEntry:
    cursor: str = column("Where to go on from after this, for `after`. Opaque.")
    event: n.Event = column("What happened.")


@strawberry.type(
    description="What can be followed. Each event is told once, in the order of the log, as soon "
    "as it is written, to who may see it then."
)
class Subscription:
    experiment_changed: ExperimentChange = subscription(
        s.experiment_changed,
        "Every event about one experiment.",
        [Argument("id", strawberry.ID, "The experiment's id.", strawberry.UNSET), AFTER],
    )
    experiments_changed: ExperimentChange = subscription(
        s.experiments_changed,
        "Every event about experiments that satisfy a condition when it is told.",
        [
            Argument("where", n.ExperimentWhere | None, "Only experiments that satisfy this."),
            AFTER,
            Argument(
                "unmatched",
                bool,
                "Also tell of experiments that do not satisfy it (any longer), with matches false: "
                "for a list that must lose what leaves it.",
                default=False,
            ),
        ],
    )
    events: LogEntry = subscription(
        s.events,
        "Every event that the key may see.",
        [Argument("where", n.EventWhere | None, "Only events that satisfy this."), AFTER],
    )
