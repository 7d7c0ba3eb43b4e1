import type { ComponentChildren } from "preact";

import type { Liveness } from "./client";

const LIVENESS: Record<Liveness, string> = {
  live: "Live",
  connecting: "Connecting…",
  off: "Not live",
};

interface Props {
  liveness: Liveness;
  again: () => void;
  leave: (reason: string) => void;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

/** What every page has around it. */
export function Frame({ liveness, again, leave, tools, children }: Props) {
  return (
    <>
      <header class="top">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="22" height="22" />
          <span>Trialgraph</span>
        </a>
        {tools}
        <span class={`liveness ${liveness}`} role="status">
          {LIVENESS[liveness]}
        </span>
        {liveness === "off" && (
          <button type="button" onClick={again}>
            Read anew
          </button>
        )}
        <button type="button" class="quiet" onClick={() => leave("")}>
          Forget key
        </button>
      </header>
      {children}
    </>
  );
}

/** What stands in for a page that could not be asked for. */
export function Unreached({ message, again }: { message: string; again: () => void }) {
  return (
    <div class="notice" role="alert">
      <p>{message}</p>
      <button type="button" onClick={again}>
        Ask again
      </button>
    </div>
  );
}
