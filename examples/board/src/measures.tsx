import { drawing, type Thing } from "./drawing";
import type { PageFragment } from "./graph";

const LANES = ["Experiment", "Metrics", "Goals", "Teams and owners"] as const;

/** What it is decided by, and whose that is: from the experiment to metrics, goals and people. */
export function Measures({ page }: { page: PageFragment }) {
  const { lanes, edges, height } = drawing(page);
  if (!lanes[1].length) {
    return (
      <section class="panel-box" aria-labelledby="measures">
        <h2 id="measures">Metric graph</h2>
        <p class="fine">It has no metric.</p>
      </section>
    );
  }
  return (
    <section class="panel-box" aria-labelledby="measures">
      <h2 id="measures">Metric graph</h2>
      <div class="measures">
        <svg
          viewBox={`0 0 100 ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          style={{ height: `${height}px` }}
        >
          {edges.map(({ from, to, kind }, place) => (
            <path key={place} class={kind} d={curve(from, to)} vector-effect="non-scaling-stroke" />
          ))}
        </svg>
        {lanes.map((things, lane) => (
          <ul key={lane} aria-label={LANES[lane]} style={{ height: `${height}px` }}>
            {things.map((thing) => (
              <Node key={thing.id} thing={thing} />
            ))}
          </ul>
        ))}
      </div>
    </section>
  );
}

function Node({ thing: { name, kind, remark, top, height } }: { thing: Thing }) {
  return (
    <li class={`node ${kind}`} style={{ top: `${top}px`, height: `${height}px` }}>
      <span class="name" title={name}>
        {name}
      </span>
      <span class="fine">{remark}</span>
    </li>
  );
}

interface Point {
  x: number;
  y: number;
}

function curve(from: Point, to: Point): string {
  const middle = (from.x + to.x) / 2;
  return `M${from.x},${from.y} C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`;
}
