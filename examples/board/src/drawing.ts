import type { MeasureFragment, PageFragment } from "./graph";
import { said } from "./words";

export interface Thing {
  id: string;
  name: string;
  kind: "experiment" | "metric" | "goal" | "team" | "user";
  remark: string;
  /** Pixels from above. */
  top: number;
  height: number;
}

export interface Edge {
  /** In percent of the width, and in pixels from above. */
  from: { x: number; y: number };
  to: { x: number; y: number };
  kind: string;
}

type Lanes = [Thing[], Thing[], Thing[], Thing[]];

const GAP = 9;
const TALL = 44;
const LOW = 28;
/** Where each lane begins and ends, in percent of the width: experiment.css has the same. */
const SPANS = [
  [0, 19],
  [27, 46],
  [54, 73],
  [81, 100],
] as const;

type Known = Map<string, [lane: number, thing: Thing]>;
type Link = [from: string, to: string, kind: string];

/** Where everything stands. Each thing is drawn once, whoever leads to it. */
export function drawing(page: PageFragment): { lanes: Lanes; edges: Edge[]; height: number } {
  const lanes: Lanes = [[], [], [], []];
  const links: Link[] = [];
  const known: Known = new Map();

  function add(lane: 0 | 1 | 2 | 3, id: string, name: string, kind: Thing["kind"], remark: string) {
    if (known.has(id)) return;
    const thing = { id, name, kind, remark, top: 0, height: lane === 3 ? LOW : TALL };
    known.set(id, [lane, thing]);
    lanes[lane].push(thing);
  }

  function whose(from: string, { owners, teams }: Pick<MeasureFragment, "owners" | "teams">) {
    for (const { id, name } of teams) {
      add(3, id, name, "team", "Team");
      links.push([from, id, "people"]);
    }
    for (const { id, name } of owners) {
      add(3, id, name ?? "unnamed", "user", "Owner");
      links.push([from, id, "people"]);
    }
  }

  function measure(metric: MeasureFragment, role: string) {
    add(1, metric.id, metric.name, "metric", `${said(role)} · ${said(metric.type)}`);
    links.push([page.id, metric.id, role.toLowerCase()]);
    if (!metric.goal) return whose(metric.id, metric);
    const { goal } = metric;
    add(2, goal.id, goal.name, "goal", "Goal");
    links.push([metric.id, goal.id, "goal"]);
    whose(goal.id, goal);
    whose(metric.id, metric);
  }

  add(0, page.id, page.name, "experiment", "This experiment");
  if (page.primaryMetric) measure(page.primaryMetric, "PRIMARY");
  for (const { role, metric } of page.secondaryMetrics) if (metric) measure(metric, role);

  const height = Math.max(...lanes.map(tallness));
  for (const things of lanes) {
    untangle(things, links, known);
    spread(things, height);
  }
  return { lanes, edges: links.flatMap((link) => drawn(link, known)), height };
}

function tallness(things: readonly Thing[]): number {
  return things.reduce((sum, thing) => sum + thing.height + GAP, 0);
}

/** Orders things by where what leads to them stands, on average, so that few lines cross. */
function untangle(things: Thing[], links: readonly Link[], known: Known) {
  const pull = new Map(
    things.map(({ id }) => {
      const sources = links
        .filter(([, to]) => to === id)
        .flatMap(([from]) => known.get(from)?.[1] ?? []);
      return [
        id,
        sources.reduce((sum, source) => sum + middle(source), 0) / sources.length,
      ] as const;
    }),
  );
  things.sort((one, other) => (pull.get(one.id) ?? 0) - (pull.get(other.id) ?? 0));
}

/** Puts things of a lane one below the other, in the middle of the height. */
function spread(things: readonly Thing[], height: number) {
  let top = (height - tallness(things) + GAP) / 2;
  for (const thing of things) {
    thing.top = top;
    top += thing.height + GAP;
  }
}

function middle({ top, height }: Thing): number {
  return top + height / 2;
}

function drawn([from, to, kind]: Link, known: Known): Edge[] {
  const one = known.get(from);
  const other = known.get(to);
  const [start, end] = [one && SPANS[one[0]], other && SPANS[other[0]]];
  if (!one || !other || !start || !end) return [];
  return [
    { kind, from: { x: start[1], y: middle(one[1]) }, to: { x: end[0], y: middle(other[1]) } },
  ];
}
