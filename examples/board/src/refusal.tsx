import type { ComponentChildren } from "preact";

import type { RefusalFragment } from "./graph";
import { PLATFORMS, said } from "./words";

/** What a request came to that did not do what it was to do. */
export type Trouble = { errors: readonly RefusalFragment[] } | { failure: string };

/** Says why something was refused, and what would help. */
export function Refused({ trouble, children }: { trouble: Trouble; children?: ComponentChildren }) {
  if ("failure" in trouble) {
    return (
      <div class="refused" role="alert">
        <p>{trouble.failure}</p>
        {children}
      </div>
    );
  }
  return (
    <div class={trouble.errors.every(waits) ? "refused waits" : "refused"} role="alert">
      {trouble.errors.map((error, place) => (
        <div key={place}>
          <p>
            <strong>{TITLES[error.__typename] ?? said(error.code)}</strong>
            {isTold(error) ? null : ` ${error.message}`}
          </p>
          <Facts error={error} />
        </div>
      ))}
      {children}
    </div>
  );
}

const TITLES: Partial<Record<RefusalFragment["__typename"], string>> = {
  ApprovalRequired: "Waits for approval.",
  Forbidden: "Not allowed.",
  IdempotencyConflict: "Asked twice.",
  InUse: "In use.",
  InvalidTransition: "Not from here.",
  NotFound: "Not there.",
  NotReady: "Not ready.",
  StaleVersion: "Changed meanwhile.",
  SubscriptionRequired: "Not in this plan.",
  Taken: "Taken.",
  UnsupportedByPlatform: "Not on this platform.",
  UpstreamFailed: "The platform did not do it.",
  ValidationFailed: "Something is missing or wrong.",
};

/** Whether it is no refusal in the end: somebody has to approve it. */
export function waits({ __typename }: RefusalFragment): boolean {
  return __typename === "ApprovalRequired";
}

/** Whether the facts say all that the message says. */
function isTold({ __typename }: RefusalFragment): boolean {
  return __typename === "NotReady" || __typename === "ValidationFailed";
}

function Facts({ error }: { error: RefusalFragment }) {
  switch (error.__typename) {
    case "NotReady":
      return <List items={error.blockers.map(({ message }) => message)} />;
    case "ValidationFailed":
      return (
        <List items={error.fields.map(({ path, message }) => `${path.join(".")}: ${message}`)} />
      );
    case "InvalidTransition":
      return (
        <p>
          From {said(error.from)} there is: {error.allowed.map(said).join(", ") || "nothing"}.
        </p>
      );
    case "StaleVersion":
      return <p>It is version {error.currentVersion} now, and shown here as it is.</p>;
    case "Forbidden":
      return error.scope ? (
        <p>
          The key lacks the scope <code>{error.scope}</code>.
        </p>
      ) : null;
    case "ApprovalRequired":
      return error.changeRequest ? (
        <p>The request is made, and needs {approvals(error.changeRequest.quorum)}.</p>
      ) : null;
    case "InUse":
      return <List items={error.by.map(({ __typename, id }) => `${__typename} ${id}`)} />;
    case "UnsupportedByPlatform":
      return <p>{PLATFORMS[error.platform]} has no such action.</p>;
    case "UpstreamFailed":
      return <p>{upstream(error)}</p>;
    case "Taken":
      return (
        <p>
          {error.field} {error.value} is somebody else’s.
        </p>
      );
    default:
      return null;
  }
}

function List({ items }: { items: readonly string[] }) {
  return (
    <ul>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

function approvals(quorum: number): string {
  return quorum === 1 ? "one approval" : `${quorum} approvals`;
}

type Failed = Extract<RefusalFragment, { __typename: "UpstreamFailed" }>;

function upstream({ source, status, retryable, retryAfter }: Failed): string {
  const answer = status === null ? `${source} was not reached.` : `${source} answered ${status}.`;
  if (!retryable) return answer;
  if (retryAfter === null) return `${answer} Trying again may help.`;
  return `${answer} Try again in ${Math.ceil(retryAfter)} s.`;
}
