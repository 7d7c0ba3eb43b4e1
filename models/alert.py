"""Alerts: health checks that fired."""

from enum import StrEnum

from models.base import Sourced, choice, owned_by, text


class AlertType(StrEnum):
    """Which check fired (ABsmartly's words)."""

    SAMPLE_RATIO_MISMATCH = "SAMPLE_RATIO_MISMATCH"
    AUDIENCE_MISMATCH = "AUDIENCE_MISMATCH"
    ASSIGNMENT_CONFLICT = "ASSIGNMENT_CONFLICT"
    EXPERIMENTS_INTERACT = "EXPERIMENTS_INTERACT"
    METRIC_THRESHOLD_REACHED = "METRIC_THRESHOLD_REACHED"
    CLEANUP_NEEDED = "CLEANUP_NEEDED"
    SAMPLE_SIZE_REACHED = "SAMPLE_SIZE_REACHED"
    GROUP_SEQUENTIAL_UPDATED = "GROUP_SEQUENTIAL_UPDATED"
    OTHER = "OTHER"


class Alert(Sourced, table=True):
    """A health check's finding on one experiment."""

    NATURAL_KEY = ("experiment_id", "created_at", "alert_metadata")

    experiment_id: int = owned_by("experiment")
    type: AlertType | None = choice(AlertType)
    native_type: str | None = text()
    alert_metadata: str | None = text()
    dismissed: bool = False
