"""What making, changing and copying an experiment take, and what they answer."""

from decimal import Decimal

import strawberry

import models as m
from resolvers.edges import ToOne
from resolvers.outcome import Outcome
from schema import names as n
from schema.details_inputs import AbsmartlyInput, Auth0Input, CheckmangoInput, PosthogInput
from schema.fields import of_rows, one
from schema.inputs import CreateInput, RowInput, required, said
from schema.payloads import Payload, subject
from schema.scalars import JSON


@strawberry.input(description="A metric beside the primary one.")
class ExperimentMetricInput:
    metric: strawberry.ID = required("The metric.")
    role: m.MetricRole = said(
        "What it is to the experiment; not PRIMARY.", default=m.MetricRole.SECONDARY
    )


@strawberry.input(description="A saved metric that the experiment uses.")
class ExperimentSavedMetricInput:
    saved_metric: strawberry.ID = required("The saved metric.")
    role: m.MetricRole = said("What it is to the experiment.", default=m.MetricRole.SECONDARY)
    link_metadata: JSON | None = said(
        "An object: what the platform says of the link.", name="metadata"
    )


@strawberry.input(description="An application that shows the experiment.")
class ExperimentApplicationInput:
    application: strawberry.ID = required("The application.")
    application_version: str | None = said(
        "From which of its versions on; 0 is from the first.", name="version"
    )


@strawberry.input(description="A rule that gives units to a variant.")
class AllocationInput:
    variant_index: int = required("The index of the variant, one of the experiment's.")
    segment: strawberry.ID | None = said("The segment of units, by the segment strategy.")
    weight: float | None = said("The share of units in percent, by the percentage strategy.")
    priority: int | None = said("The place in the order of evaluation; 1 is first.")
    is_control: bool = said("Whether the variant is the control.", default=False)
    is_fallback: bool = said("Whether it takes the units that no segment matches.", default=False)


@strawberry.input
class VariantFields:
    """What a variant's creation and change both take."""

    key: str | None = said(
        "The name in code, unique within the experiment: 1 to 255 characters; on Checkmango and "
        "here letters and digits joined by single underscores. PostHog and Checkmango need one."
    )
    name: str | None = said("The name for people.")
    description: str | None = said("What is different.")
    is_control: bool | None = said("Whether it is what others are compared with; one at most is.")
    weight: float | None = said("Its share of the units, in percent.")
    config: JSON | None = said("What the code is told: a document, or its text.")


@strawberry.input(description="A variant that an experiment is made with.")
class NewVariantInput(VariantFields):
    pass


@strawberry.input
class ExperimentFields:
    """What an experiment's creation and change both take."""

    description: str | None = said("What it tries.")
    type: m.ExperimentType | None = said("What kind of record it is; TEST unless said.")
    percentages: str | None = said(
        "The split in percent, one share for each variant, such as 34/33/33. The variants' weights "
        "follow it, and it follows theirs."
    )
    percentage_of_traffic: float | None = said("The share of all units that take part, in percent.")
    unit_type: strawberry.ID | None = said("What is randomised.")
    primary_metric: strawberry.ID | None = said("What it is decided by.")
    secondary_metrics: list[ExperimentMetricInput] | None = said("Its other metrics, in order.")
    saved_metrics: list[ExperimentSavedMetricInput] | None = said(
        "The saved metrics that it uses, in order."
    )
    owners: list[strawberry.ID] | None = said("The users who own it.")
    teams: list[strawberry.ID] | None = said("The teams that own it.")
    tags: list[strawberry.ID] | None = said("The words put on it, of the kind EXPERIMENT.")
    applications: list[ExperimentApplicationInput] | None = said("Where it is shown.")
    audience: JSON | None = said("Who may take part: a document, or its text.")
    audience_strict: bool | None = said("Whether everybody else is kept out.")
    allocation_strategy: m.AllocationStrategy | None = said("How units are given to variants.")
    allocations: list[AllocationInput] | None = said("The rules that give units to variants.")
    holdout: strawberry.ID | None = said("The units that it leaves alone.")
    feature_flag: strawberry.ID | None = said("The switch that serves its variants.")
    template: strawberry.ID | None = said("The template that it is made from.")
    exposure_criteria: JSON | None = said("An object: what counts as an exposure (PostHog).")
    stats_config: JSON | None = said("An object: how it is analysed (PostHog).")
    minimum_detectable_effect: Decimal | None = said(
        "The smallest relative effect that it is planned to find, as its platform writes it."
    )
    ramp_levels: list[int] | None = said(
        "The levels by which the share of units rises, in percent, each above the one before."
    )
    hypothesis: str | None = said("What is believed.")
    prediction: str | None = said("What is expected to happen.")
    action_points: str | None = said("What will be done about it.")
    implementation_details: str | None = said("How it is built.")
    other: str | None = said("What else there is to say.")
    absmartly: AbsmartlyInput | None = said("What only ABsmartly takes; for its experiments.")
    posthog: PosthogInput | None = said("What only PostHog takes; for its experiments.")
    auth0: Auth0Input | None = said("What only Auth0 takes; for its experiments.")
    checkmango: CheckmangoInput | None = said("What only Checkmango takes; for its experiments.")
    note: str | None = said("What there is to say about it; it is kept as a note.")


@strawberry.input(
    description="What making an experiment takes. It is born a draft, on the platform of its "
    "source."
)
class CreateExperimentInput(ExperimentFields, CreateInput):
    key: str = required(
        "The name in code, unique within its source; on Checkmango letters and digits joined by "
        "single underscores. After deleted experiments it is their next iteration."
    )
    name: str = required("The name for people.")
    variants: list[NewVariantInput] | None = said("Its variants, by index; 0 is the first.")


@strawberry.input(
    description="What changing an experiment takes: what is left out stays. What its platform "
    "locks now is refused with the rule `locked`; docs/lifecycle.md lists it."
)
class UpdateExperimentInput(ExperimentFields, RowInput):
    key: str | None = said(
        "The name in code, unique within its source. What other iterations share stays."
    )
    name: str | None = said("The name for people.")


@strawberry.input(description="What copying an experiment takes.")
class DuplicateExperimentInput(RowInput):
    key: str = required("The name in code of the copy, unique within its source.")
    name: str | None = said("The copy's name for people; that of the original with (copy) behind.")
    note: str | None = said("What there is to say about it; it is kept as a note of the copy.")


@strawberry.interface(description="What every edit of an experiment answers.")
class ExperimentPayload(Payload):
    experiment: n.Experiment | None = subject(
        m.Experiment, "The experiment as it stands now: changed, or as it was."
    )
    experiment_note: n.Note | None = one(
        ToOne(m.Note, "note_id"), "The entry that the change left in the experiment's activity."
    )


@of_rows(Outcome, "What became of a new experiment.")
class CreateExperimentPayload(ExperimentPayload):
    pass


@of_rows(Outcome, "What became of a change of an experiment.")
class UpdateExperimentPayload(ExperimentPayload):
    pass


@of_rows(
    Outcome,
    "What became of a copy of an experiment. Where it was not made, `experiment` is the original.",
)
class DuplicateExperimentPayload(ExperimentPayload):
    pass
