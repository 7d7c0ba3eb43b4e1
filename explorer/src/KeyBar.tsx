import { type FormEvent, useSyncExternalStore } from "react";
import { current, use } from "./key";
import { refusal, subscribe } from "./refusals";

/** Asks for a key while there is none, or none that the gateway takes. */
export function KeyBar() {
  const refused = useSyncExternalStore(subscribe, refusal);
  if (current() !== null && refused === null) return null;

  function enter(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const key = new FormData(event.currentTarget).get("key");
    if (typeof key !== "string" || !key.trim()) return;
    use(key.trim());
    location.reload();
  }

  return (
    <form className="key-bar" onSubmit={enter}>
      <p role="status">
        {current() === null ? (
          <>
            Every answer takes an API key. The first start shows one;{" "}
            <code>trialgraph keys create NAME --scope admin</code> makes others.
          </>
        ) : (
          <strong>{refused}</strong>
        )}
      </p>
      <label>
        API key <input name="key" type="password" autoComplete="off" required />
      </label>
      <button>Use it</button>
    </form>
  );
}
