import { Actions } from "./actions";
import type { CardFragment } from "./graph";
import { day, initials, PLATFORMS, said } from "./words";

interface Props {
  experiment: CardFragment;
  changed: (experiment: CardFragment) => void;
}

export function Card({ experiment, changed }: Props) {
  const { id, key, name, platform, status, phase, primaryMetric, teams } = experiment;
  return (
    <article class={`card ${status.toLowerCase()}`} aria-label={name}>
      <div class="head">
        <span class="platform">{PLATFORMS[platform]}</span>
        {status !== phase && <Status status={status} />}
        <Signs experiment={experiment} />
      </div>
      <h3>
        <a href={`/experiments/${encodeURIComponent(id)}`}>{name}</a>
      </h3>
      {key !== name && (
        <p class="key" title={key}>
          {key}
        </p>
      )}
      <dl class="facts">
        {primaryMetric && (
          <div>
            <dt class="hidden">Primary metric</dt>
            <dd title={primaryMetric.name}>{primaryMetric.name}</dd>
          </div>
        )}
        <div>
          <dt class="hidden">Since</dt>
          <dd>{[since(experiment), ...teams.map((team) => team.name)].join(" · ")}</dd>
          <Owners experiment={experiment} />
        </div>
      </dl>
      <Actions experiment={experiment} changed={changed} shown={2} />
    </article>
  );
}

export function Status({ status }: { status: CardFragment["status"] }) {
  return <span class={`status ${status.toLowerCase()}`}>{said(status)}</span>;
}

function since({ phase, createdAt, startedAt, stoppedAt }: CardFragment): string {
  if (phase === "STOPPED" && stoppedAt) return `Stopped ${day(stoppedAt)}`;
  if (startedAt && phase !== "DRAFT") return `Started ${day(startedAt)}`;
  return createdAt ? `Made ${day(createdAt)}` : "";
}

/** What else there is to know of where it stands, a word for each. */
export function Signs({ experiment }: { experiment: CardFragment }) {
  const { iteration, ramp, release, schedule, changeRequests, sync } = experiment;
  const planned = schedule.find(({ state }) => state === "PENDING");
  const signs = [
    iteration > 1 && `iteration ${iteration}`,
    release && release.variantIndex !== null && `variant ${release.variantIndex}`,
    ramp && ramp.currentLevel !== null && `${ramp.currentLevel} %`,
    planned?.at && `${said(planned.action ?? "something")} on ${day(planned.at)}`,
    changeRequests.some(({ state }) => state === "PENDING") && "waits for approval",
    sync.state === "PENDING" && "on its way to its platform",
    sync.state === "FAILED" && "not told to its platform",
    sync.state === "MISSING" && "gone from its platform",
  ].filter((sign) => typeof sign === "string");
  return (
    <>
      {signs.map((sign) => (
        <span key={sign} class="sign">
          {sign}
        </span>
      ))}
    </>
  );
}

function Owners({ experiment: { owners } }: { experiment: CardFragment }) {
  const named = owners.flatMap(({ id, name }) => (name ? [{ id, name }] : []));
  if (!named.length) return null;
  return (
    <>
      <dt class="hidden">Owners</dt>
      <dd class="owners">
        {named.slice(0, 3).map(({ id, name }) => (
          <abbr key={id} title={name}>
            {initials(name)}
          </abbr>
        ))}
        {named.length > 3 && <span class="fine">+{named.length - 3}</span>}
      </dd>
    </>
  );
}
