import type { ExperimentPhase, ExperimentStatus, Platform } from "./graph";

export const PHASES = [
  "DRAFT",
  "READY",
  "DEVELOPMENT",
  "RUNNING",
  "PAUSED",
  "FROZEN",
  "STOPPED",
] as const satisfies readonly ExperimentPhase[];

export const PLATFORMS: Record<Platform, string> = {
  LOCAL: "Local",
  ABSMARTLY: "ABsmartly",
  POSTHOG: "PostHog",
  AUTH0: "Auth0",
  CHECKMANGO: "Checkmango",
};

/** A name of the schema, as people say it: FULL_ON is "Full on". */
export function said(name: ExperimentPhase | ExperimentStatus | (string & {})): string {
  const words = name.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const MINUTE = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

export function day(moment: string): string {
  return DAY.format(new Date(moment));
}

export function minute(moment: string): string {
  return MINUTE.format(new Date(moment));
}

const COUNT = new Intl.NumberFormat("en-GB");

export function count(number: number): string {
  return COUNT.format(number);
}

/** A relative effect: 0.0123 is "+1.23 %". */
export function effect(share: number): string {
  const percent = Math.abs(share * 100);
  const digits = percent >= 100 ? 0 : percent >= 10 ? 1 : 2;
  const sign = share > 0 ? "+" : share < 0 ? "−" : "";
  return `${sign}${percent.toFixed(digits)} %`;
}

/** The same at a mark of an axis, without needless digits. */
export function mark(share: number): string {
  const sign = share > 0 ? "+" : share < 0 ? "−" : "";
  return `${sign}${+Math.abs(share * 100).toFixed(2)} %`;
}

/** What a variant is called: not every platform names its variants. */
export function variantName({
  index,
  key,
  name,
}: {
  index: number;
  key: string | null;
  name: string | null;
}): string {
  return name || key || `Variant ${index}`;
}

/** Up to two letters that stand for a person. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letters.map((word) => word?.charAt(0).toUpperCase() ?? "").join("");
}
