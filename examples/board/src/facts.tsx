import type { ComponentChildren } from "preact";

import type { PageFragment } from "./graph";
import { count, day, minute, said } from "./words";

const DATES = [
  ["Made", "createdAt"],
  ["First started", "firstStartedAt"],
  ["Started", "startedAt"],
  ["Full on", "fullOnAt"],
  ["Stopped", "stoppedAt"],
] as const;

/** What there is to know of an experiment in a line each. */
export function Facts({ page }: { page: PageFragment }) {
  const alerts = page.alerts.filter(({ dismissed }) => !dismissed);
  return (
    <section class="panel-box" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <dl class="pairs">
        <Fact name="Hypothesis">{page.hypothesis}</Fact>
        <Fact name="Prediction">{page.prediction}</Fact>
        <Fact name="Alerts">
          {alerts.map(({ id, type, nativeType }) => (
            <span key={id} class="sign">
              {said(type ?? nativeType ?? "unknown")}
            </span>
          ))}
        </Fact>
        <Fact name="Outcome">{outcome(page)}</Fact>
        <Fact name="Owners">{names(page.owners)}</Fact>
        <Fact name="Teams">{names(page.teams)}</Fact>
        <Fact name="Applications">
          {names(page.applications.map(({ application }) => application))}
        </Fact>
        <Fact name="Unit">{page.unitType?.name}</Fact>
        <Fact name="Tags">{page.tags.map(({ tag }) => tag).join(", ")}</Fact>
        {DATES.map(([name, field]) => (
          <Fact key={field} name={name}>
            {page[field] && day(page[field])}
          </Fact>
        ))}
        <Fact name="Units needed">{sample(page)}</Fact>
        <Fact name="Smallest effect">{page.minimumDetectableEffect}</Fact>
        <Fact name="Iterations">{iterations(page)}</Fact>
        <Fact name="Source">{source(page)}</Fact>
        <Fact name="Sync">{sync(page)}</Fact>
      </dl>
    </section>
  );
}

/** A fact that is there; what is not said takes no room. */
function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (!children || (Array.isArray(children) && !children.length)) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function names(things: readonly ({ name: string | null } | null)[]): string {
  return things.map((thing) => thing?.name ?? "unnamed").join(", ");
}

function outcome({ outcome }: PageFragment): string {
  if (!outcome) return "";
  const { conclusion, reason, comment, winner } = outcome;
  const parts = [
    conclusion && said(conclusion),
    reason && said(reason),
    winner !== null && `variant ${winner} won`,
    comment,
  ];
  return parts.filter(Boolean).join(" · ");
}

function sample({ sampleSize }: PageFragment): string {
  if (!sampleSize || sampleSize.requiredSampleSize === null) return "";
  const reached = sampleSize.reachedAt && `, reached ${day(sampleSize.reachedAt)}`;
  return `${count(sampleSize.requiredSampleSize)}${reached ?? ""}`;
}

function iterations({ id, family }: PageFragment) {
  const others = family.experiments.nodes;
  if (others.length < 2) return null;
  return others.map((other) => (
    <a
      key={other.id}
      class="iteration"
      href={`/experiments/${other.id}`}
      aria-current={other.id === id ? "page" : undefined}
    >
      {other.iteration}
    </a>
  ));
}

function source({ source, url, nativeState }: PageFragment) {
  const state = nativeState && ` says “${nativeState}”`;
  if (!source && !url) return null;
  return (
    <>
      {url ? (
        <a href={url} rel="noreferrer">
          {source?.name ?? "its page"}
        </a>
      ) : (
        source?.name
      )}
      {state}
    </>
  );
}

function sync({ sync: { state, lastSyncedAt, error } }: PageFragment): string {
  const when = lastSyncedAt && ` ${minute(lastSyncedAt)}`;
  return `${said(state)}${when ?? ""}${error ? `: ${error}` : ""}`;
}
