const PLACE = "trialgraph.key";

/**
 * The key of this tab: from the address's `#key=`, or as it was typed in. A key in the address is
 * taken out of sight and out of the history, and kept until the tab is closed.
 */
export function takeKey(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    keepKey(given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(PLACE);
}

export function keepKey(key: string): void {
  sessionStorage.setItem(PLACE, key.trim());
}

export function forgetKey(): void {
  sessionStorage.removeItem(PLACE);
}
