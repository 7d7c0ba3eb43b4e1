import { useState } from "preact/hooks";

import type { CardFragment, LifecycleAction } from "./graph";
import { Panel } from "./panel";
import { useTransition } from "./perform";
import { Refused } from "./refusal";
import { buttons, isElsewhere, VERBS, type Button } from "./transitions";
import { said } from "./words";

interface Props {
  experiment: CardFragment;
  changed: (experiment: CardFragment) => void;
  /** How many buttons stand in the row; the rest is behind "More". */
  shown: number;
}

/** The buttons of an experiment, what they ask for, and what came of them. */
export function Actions({ experiment, changed, shown }: Props) {
  const { perform, busy, trouble, clear } = useTransition(experiment, changed);
  const [open, setOpen] = useState<LifecycleAction | "ALL" | null>(null);
  const offered = buttons(experiment);
  const row = offered.filter(({ action }) => !VERBS[action].rare).slice(0, shown);
  const opened = offered.find(({ action }) => action === open);

  function press(button: Button) {
    clear();
    if (button.allowed && !VERBS[button.action].asksFirst) {
      setOpen(null);
      void perform(button.action, {});
    } else setOpen(open === button.action ? null : button.action);
  }

  return (
    <div
      class="actions"
      onKeyDown={({ key, currentTarget }) => {
        if (key !== "Escape" || !open) return;
        currentTarget.querySelector<HTMLElement>("[aria-expanded=true]")?.focus();
        setOpen(null);
      }}
    >
      <div class="row">
        {(open === "ALL" || (opened && !row.includes(opened)) ? offered : row).map((button) => (
          <ActionButton
            key={button.action}
            button={button}
            busy={busy}
            open={open === button.action}
            press={press}
          />
        ))}
        <button
          type="button"
          class="quiet"
          aria-expanded={open === "ALL"}
          onClick={() => setOpen(open === "ALL" ? null : "ALL")}
        >
          {open === "ALL" ? "Fewer" : "More"}
          <span class="hidden"> actions</span>
        </button>
      </div>
      {open === "ALL" && <Elsewhere experiment={experiment} />}
      {opened && (
        <Panel
          key={opened.action}
          experiment={experiment}
          button={opened}
          busy={busy}
          close={() => setOpen(null)}
          perform={async (given, dryRun) => {
            const done = await perform(opened.action, given, dryRun);
            if (done && !dryRun) setOpen(null);
            return done;
          }}
        />
      )}
      {trouble && (
        <Refused trouble={trouble}>
          <button type="button" class="quiet" onClick={clear}>
            Dismiss
          </button>
        </Refused>
      )}
    </div>
  );
}

interface ButtonProps {
  button: Button;
  busy: boolean;
  open: boolean;
  press: (button: Button) => void;
}

function ActionButton({ button, busy, open, press }: ButtonProps) {
  const { label, asksFirst, grave } = VERBS[button.action];
  const kinds = [grave && "grave", !button.allowed && "blocked", button.requiresApproval && "asks"];
  return (
    <button
      type="button"
      class={kinds.filter(Boolean).join(" ")}
      disabled={busy}
      aria-expanded={asksFirst || !button.allowed ? open : undefined}
      title={hint(button)}
      onClick={() => press(button)}
    >
      {label}
      {!button.allowed && <span class="hidden"> (blocked)</span>}
      {button.requiresApproval && <span class="hidden"> (needs approval)</span>}
    </button>
  );
}

function hint({ allowed, requiresApproval }: Button): string | undefined {
  if (!allowed) return "Something is in the way";
  return requiresApproval ? "A policy asks for approval first" : undefined;
}

function Elsewhere({ experiment }: { experiment: CardFragment }) {
  const others = experiment.availableTransitions.filter(isElsewhere);
  if (!others.length) return null;
  return (
    <p class="fine">
      Not from {said(experiment.status)}: {others.map(({ action }) => said(action)).join(", ")}.
    </p>
  );
}
