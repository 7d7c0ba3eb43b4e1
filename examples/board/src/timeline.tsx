import type { PageFragment } from "./graph";
import { minute, said } from "./words";

interface Entry {
  id: string;
  at: string;
  what: string;
  who: string | null;
  text: string | null;
  changes: readonly string[];
}

/** What happened and what was said, the latest first. */
export function Timeline({ page }: { page: PageFragment }) {
  const { events, notes } = page;
  const entries = [...happened(page), ...noted(page)].sort((one, other) =>
    one.at < other.at ? 1 : -1,
  );
  const earlier = events.totalCount + notes.totalCount - events.nodes.length - notes.nodes.length;
  return (
    <section class="panel-box" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol class="timeline">
        {entries.map(({ id, at, what, who, text, changes }) => (
          <li key={id} class={changes.length > 0 || text === null ? "event" : "note"}>
            <p>
              <strong>{what}</strong>
              {who && <> by {who}</>} <time dateTime={at}>{minute(at)}</time>
            </p>
            {changes.length > 0 && (
              <ul class="changes">
                {changes.map((change) => (
                  <li key={change}>{change}</li>
                ))}
              </ul>
            )}
            {text !== null && <p class="text">{text}</p>}
          </li>
        ))}
      </ol>
      {earlier > 0 && <p class="fine">{earlier} earlier ones are not shown.</p>}
    </section>
  );
}

type Note = PageFragment["notes"]["nodes"][number];

/** A note that a transition left was written at the same moment: it is shown with that. */
function beside({ notes }: PageFragment, at: string): Note | undefined {
  return notes.nodes.find(({ action, createdAt }) => action !== "COMMENT" && createdAt === at);
}

function happened(page: PageFragment): Entry[] {
  return page.events.nodes.map(({ id, at, action, actor, before, after, delivery }) => ({
    id,
    at,
    what: delivery ? `${said(action)} (${delivery.state.toLowerCase()})` : said(action),
    who: actor,
    text: beside(page, at)?.note ?? null,
    changes: differences(before, after, at),
  }));
}

function noted(page: PageFragment): Entry[] {
  const shown = new Set(page.events.nodes.map(({ at }) => beside(page, at)?.id));
  return page.notes.nodes.flatMap(({ id, note, action, createdAt, createdBy }) => {
    if (!note || !createdAt || shown.has(id)) return [];
    const what = action && action !== "COMMENT" ? `Note on ${said(action).toLowerCase()}` : "Note";
    return [{ id, at: createdAt, what, who: createdBy?.name ?? null, text: note, changes: [] }];
  });
}

const LONGEST = 60;

/** What an event changed, in a line each; that the event's moment was written down is no news. */
function differences(before: unknown, after: unknown, at: string): string[] {
  const was = fields(before);
  return Object.entries(fields(after))
    .filter(
      ([field, value]) => value !== at && JSON.stringify(value) !== JSON.stringify(was[field]),
    )
    .map(([field, value]) => {
      const from = was[field] === undefined || was[field] === null ? "" : `${short(was[field])} → `;
      return `${field}: ${from}${short(value)}`;
    });
}

function fields(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
