import * as graph from "./graph";
import type { AnswerFragment, CardFragment, LifecycleAction, TypedDocumentString } from "./graph";
import { variantName } from "./words";

type Answered = TypedDocumentString<{ transition: AnswerFragment | null }, { input: never }>;

/** What a transition asks for beside a note. */
export interface Question {
  name: "reason" | "conclusion" | "comment" | "variantIndex" | "level" | "reshuffle" | "as";
  label: string;
  kind: "text" | "choice" | "check";
  value: (experiment: CardFragment) => string | number | boolean | undefined;
  choices?: (experiment: CardFragment) => readonly { value: string | number; label: string }[];
  suggestions?: readonly string[];
  demanded?: (experiment: CardFragment) => boolean;
}

interface Verb {
  label: string;
  document: Answered;
  /** What no other button undoes is asked about first; the rest is done at once. */
  asksFirst: boolean;
  /** What ends something, or loses it. */
  grave?: boolean;
  /** Whether it makes sense at all, where the platform's table alone does not say so. */
  fits?: (experiment: CardFragment) => boolean;
  /** Not among the first buttons, even where there is room. */
  rare?: boolean;
  questions?: readonly Question[];
}

const REASONS = [
  "hypothesis_rejected",
  "hypothesis_iteration",
  "user_feedback",
  "data_issue",
  "implementation_issue",
  "experiment_setup_issue",
  "guardrail_metric_impact",
  "secondary_metric_impact",
  "operational_decision",
  "performance_issue",
  "testing",
  "tracking_issue",
  "code_cleaned_up",
  "other",
] as const;

const CONCLUSIONS = ["won", "lost", "inconclusive", "stopped_early", "invalid"] as const;

const reason: Question = {
  name: "reason",
  label: "Reason",
  kind: "text",
  value: () => undefined,
  suggestions: REASONS,
  demanded: ({ platform }) => platform === "ABSMARTLY",
};

const variant: Question = {
  name: "variantIndex",
  label: "Variant for everybody",
  kind: "choice",
  value: ({ variants }) => variants.find(({ isControl }) => !isControl)?.index,
  choices: ({ variants }) =>
    variants.map((one) => ({ value: one.index, label: `${one.index} · ${variantName(one)}` })),
  demanded: () => true,
};

/** The shares of the ramp that are still ahead. */
function levelsAhead({ ramp }: CardFragment): readonly number[] {
  return ramp?.levels.filter((share) => share > (ramp.currentLevel ?? -1)) ?? [];
}

const level: Question = {
  name: "level",
  label: "Share of units, in percent",
  kind: "choice",
  value: (experiment) => levelsAhead(experiment)[0],
  choices: (experiment) =>
    levelsAhead(experiment).map((share) => ({ value: share, label: `${share} %` })),
  demanded: () => true,
};

/** The verbs, the likeliest first: that is the order of the buttons. */
export const VERBS: Record<LifecycleAction, Verb> = {
  START: { label: "Start", document: answered(graph.StartExperimentDocument), asksFirst: true },
  RESUME: { label: "Resume", document: answered(graph.ResumeExperimentDocument), asksFirst: false },
  UNFREEZE: {
    label: "Unfreeze",
    document: answered(graph.UnfreezeExperimentDocument),
    asksFirst: false,
  },
  MARK_READY: {
    label: "Mark ready",
    document: answered(graph.MarkExperimentReadyDocument),
    asksFirst: false,
  },
  ADVANCE_RAMP: {
    label: "Ramp up",
    document: answered(graph.AdvanceExperimentRampDocument),
    asksFirst: true,
    questions: [level],
    fits: (experiment) => levelsAhead(experiment).length > 0,
  },
  STOP: {
    label: "Stop",
    document: answered(graph.StopExperimentDocument),
    asksFirst: true,
    grave: true,
    questions: [
      reason,
      {
        name: "conclusion",
        label: "Conclusion",
        kind: "text",
        value: () => undefined,
        suggestions: CONCLUSIONS,
      },
      { name: "comment", label: "Comment on the outcome", kind: "text", value: () => undefined },
    ],
  },
  FULL_ON: {
    label: "Full on",
    document: answered(graph.FullOnExperimentDocument),
    asksFirst: true,
    questions: [variant],
  },
  PAUSE: { label: "Pause", document: answered(graph.PauseExperimentDocument), asksFirst: false },
  FREEZE: { label: "Freeze", document: answered(graph.FreezeExperimentDocument), asksFirst: false },
  DEVELOP: {
    label: "Develop",
    document: answered(graph.DevelopExperimentDocument),
    asksFirst: false,
  },
  UNARCHIVE: {
    label: "Unarchive",
    document: answered(graph.UnarchiveExperimentDocument),
    asksFirst: false,
  },
  RESTORE: {
    label: "Restore",
    document: answered(graph.RestoreExperimentDocument),
    asksFirst: false,
  },
  RESTART: {
    label: "Restart",
    document: answered(graph.RestartExperimentDocument),
    asksFirst: true,
    questions: [
      { ...reason, demanded: ({ phase }) => phase === "RUNNING" },
      {
        name: "as",
        label: "Begins in",
        kind: "choice",
        value: () => "RUNNING",
        choices: () => [
          { value: "RUNNING", label: "Running" },
          { value: "DEVELOPMENT", label: "Development" },
        ],
      },
      { name: "reshuffle", label: "Assign units anew", kind: "check", value: () => true },
    ],
  },
  ARCHIVE: {
    label: "Archive",
    document: answered(graph.ArchiveExperimentDocument),
    asksFirst: true,
  },
  RESET: {
    label: "Reset",
    document: answered(graph.ResetExperimentDocument),
    asksFirst: true,
    grave: true,
    rare: true,
  },
  DELETE: {
    label: "Delete",
    document: answered(graph.DeleteExperimentDocument),
    asksFirst: true,
    grave: true,
    rare: true,
  },
};

/** All of these mutations answer alike, whatever their inputs have beside the common fields. */
function answered<Data extends { transition: AnswerFragment | null }, Variables>(
  document: TypedDocumentString<Data, Variables>,
): Answered {
  return document as unknown as Answered;
}

const ORDER = Object.keys(VERBS) as LifecycleAction[];

export type Button = CardFragment["availableTransitions"][number];

/** An action that starts from elsewhere is not blocked: it is not to be had here. */
export function isElsewhere({ blockers }: Button): boolean {
  return blockers.some(({ code }) => code === "invalid_transition");
}

/** What can be had from where the experiment stands, allowed or blocked, the likeliest first. */
export function buttons(experiment: CardFragment): Button[] {
  return experiment.availableTransitions
    .filter((button) => button.action in VERBS && !isElsewhere(button))
    .filter(({ action }) => VERBS[action].fits?.(experiment) ?? true)
    .sort((one, other) => ORDER.indexOf(one.action) - ORDER.indexOf(other.action));
}
