"""The overlays of an experiment: what is true beside its phase."""

from datetime import datetime

import models as m
from resolvers import experiment
from schema.fields import column, of_rows


@of_rows(experiment.Release, "A variant that everybody gets.")
class Release:
    variant_index: int | None = column("The variant's index as its platform says, 0 included.")
    at: datetime = column("Since when.")
    mode: m.ReleaseMode | None = column("How it was given to everybody.")


@of_rows(experiment.Ramp, "A gradual rise of the share of units that are assigned.")
class Ramp:
    levels: list[float] = column("The shares in percent, one after the other.")
    current_level: int | None = column("The share now; null while the ramp is not active.")


@of_rows(experiment.Outcome, "How an experiment ended.")
class Outcome:
    conclusion: str | None = column("How it came out, such as won, lost or inconclusive.")
    reason: str | None = column("Why it was stopped, in the platform's words.")
    comment: str | None = column("What was said about it.")
    winner: int | None = column("The index of the variant that won.")


@of_rows(experiment.Sync, "How an experiment here stands to its platform.")
class Sync:
    state: m.SyncState = column("How it stands.")
    last_synced_at: datetime | None = column("When it was last read from the platform.")
    error: str | None = column("Why the platform refused the last change, if it did.")
