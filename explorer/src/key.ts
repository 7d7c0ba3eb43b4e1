/** The API key: held until this browser tab is closed, and sent in the header of each request. */

const KEY = "trialgraph.key";

/** Where GraphiQL keeps what is in its tabs, and in the headers editor. */
const TABS = "graphiql:tabState";
const HEADERS = "graphiql:headers";

/** The key that is used, or null where there is none yet. */
export const current = (): string | null => sessionStorage.getItem(KEY);

/** The header that carries the key; no header where there is none. */
export function authorization(): Record<string, string> {
  const key = current();
  return key === null ? {} : { Authorization: `Api-Key ${key}` };
}

/** What the headers editor of a new tab begins with. */
export const headers = (): string =>
  current() === null ? "" : JSON.stringify(authorization(), null, 2);

/** Puts the key into every tab that there is, in the place of the one before. */
export function use(key: string): void {
  sessionStorage.setItem(KEY, key);
  const kept = sessionStorage.getItem(TABS);
  if (kept === null) return;
  const state = JSON.parse(kept) as { tabs: { headers: string | null }[] };
  for (const tab of state.tabs) tab.headers = headers();
  sessionStorage.setItem(TABS, JSON.stringify(state));
  sessionStorage.setItem(HEADERS, headers());
}

/**
 * Uses the key in the address's fragment, and takes it out of sight, out of the history and out of
 * what is copied from the address bar. Says whether there was one.
 */
export function take(): boolean {
  // A form's "+" is a space; a key's is a plus.
  const fragment = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
  const given = fragment.get("key")?.trim();
  if (!given) return false;
  history.replaceState(null, "", location.pathname + location.search);
  if (given !== current()) use(given);
  return true;
}
