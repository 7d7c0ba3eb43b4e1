import { useEffect, useState } from "preact/hooks";

import { Card } from "./card";
import type { Column } from "./columns";
import { Filters, useSought, useWhere } from "./filters";
import { Frame, Unreached } from "./frame";
import type { CardFragment, ExperimentPhase } from "./graph";
import { useBoard } from "./use-board";
import { count, PHASES, said } from "./words";

export function Board({ leave }: { leave: (reason: string) => void }) {
  const [sought, seek] = useSought();
  const { columns, teams, trouble, liveness, changed, further, again } = useBoard(useWhere(sought));

  useEffect(() => {
    document.title = "Board · Trialgraph";
  }, []);

  return (
    <Frame
      liveness={liveness}
      again={again}
      leave={leave}
      tools={<Filters sought={sought} seek={seek} teams={teams} />}
    >
      {trouble && <Unreached message={trouble} again={again} />}
      <main class="board" aria-busy={columns === null}>
        <h1 class="hidden">Experiments by phase</h1>
        {columns &&
          PHASES.map((phase) => (
            <Phase
              key={phase}
              phase={phase}
              column={columns[phase]}
              changed={changed}
              further={further}
            />
          ))}
        {!columns && !trouble && <p class="notice">Asking the gateway…</p>}
      </main>
    </Frame>
  );
}

interface Props {
  phase: ExperimentPhase;
  column: Column;
  changed: (card: CardFragment) => void;
  further: (phase: ExperimentPhase, after: string) => Promise<void>;
}

function Phase({ phase, column: { cards, total, next }, changed, further }: Props) {
  const [asking, setAsking] = useState(false);
  const heading = `phase-${phase}`;

  async function more(after: string) {
    setAsking(true);
    await further(phase, after);
    setAsking(false);
  }

  return (
    <section
      class={total ? `column ${phase.toLowerCase()}` : `column empty ${phase.toLowerCase()}`}
      aria-labelledby={heading}
    >
      <h2 id={heading}>
        <span>{said(phase)}</span> <span class="count">{count(total)}</span>
      </h2>
      <div class="cards">
        {cards.map((card) => (
          <Card key={card.id} experiment={card} changed={changed} />
        ))}
        {next && (
          <button type="button" class="more" disabled={asking} onClick={() => void more(next)}>
            {asking ? "Asking…" : `More of ${count(total - cards.length)}`}
          </button>
        )}
      </div>
    </section>
  );
}
