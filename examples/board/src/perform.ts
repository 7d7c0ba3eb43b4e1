import { useRef, useState } from "preact/hooks";

import { useGateway } from "./gateway";
import type { CardFragment, LifecycleAction } from "./graph";
import { type Trouble, waits } from "./refusal";
import { VERBS } from "./transitions";

export type Arguments = Record<string, string | number | boolean | undefined>;

/** Sends transitions of one experiment, each with the version that is seen and a key of its own. */
export function useTransition(
  experiment: CardFragment,
  changed: (experiment: CardFragment) => void,
) {
  const gateway = useGateway();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  // The same intention, sent again because no answer came, has the same key: it is done once.
  const intention = useRef({ said: "", key: "" });

  /** Whether it is done, or is in the hands of those who approve it. */
  async function perform(
    action: LifecycleAction,
    given: Arguments,
    dryRun = false,
  ): Promise<boolean> {
    const { id, version } = experiment;
    const asked = { ...given, id, expectedVersion: version };
    const words = JSON.stringify([action, asked]);
    if (intention.current.said !== words) intention.current = { said: words, key: newKey() };
    setBusy(true);
    setTrouble(null);
    const input = {
      ...asked,
      dryRun,
      ...(dryRun ? {} : { idempotencyKey: intention.current.key }),
    };
    const { data, failure } = await gateway.mutate(VERBS[action].document, {
      input: input as never,
    });
    setBusy(false);
    const answer = data?.transition;
    if (answer?.experiment && !dryRun) changed(answer.experiment);
    if (!answer) setTrouble({ failure: failure ?? NO_ANSWER });
    else if (!answer.ok) setTrouble({ errors: answer.errors });
    return answer ? answer.ok || (!dryRun && answer.errors.every(waits)) : false;
  }
  return { perform, busy, trouble, clear: () => setTrouble(null) };
}

const NO_ANSWER = "The gateway said nothing of the experiment.";

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
