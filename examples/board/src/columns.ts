import type { BoardQuery, CardFragment, ColumnFragment, ExperimentPhase } from "./graph";
import { PHASES } from "./words";

export interface Column {
  /** How many there are, of which the first ones are `cards`. */
  total: number;
  cards: readonly CardFragment[];
  /** The cursor of the next page, if there is one. */
  next: string | null;
}

export type Columns = Record<ExperimentPhase, Column>;

export type Step =
  | { kind: "loaded"; board: BoardQuery }
  | { kind: "further"; phase: ExperimentPhase; page: ColumnFragment }
  /** An experiment as it is now; `from` is its phase before, null if it was not there before. */
  | { kind: "changed"; card: CardFragment; from: ExperimentPhase | null }
  /** It is not among those that are asked for, or no longer. */
  | { kind: "gone"; id: string };

/** The columns after a step. What is older than what is shown changes nothing. */
export function stepped(columns: Columns | null, step: Step): Columns | null {
  if (step.kind === "loaded") return loaded(step.board);
  if (!columns) return columns;
  switch (step.kind) {
    case "further":
      return { ...columns, [step.phase]: appended(columns[step.phase], step.page) };
    case "changed":
      return changed(columns, step.card, step.from);
    case "gone":
      return replaced(columns, step.id, null);
  }
}

function loaded(board: BoardQuery): Columns {
  const empty = {} as Columns;
  return PHASES.reduce((all, phase) => ({ ...all, [phase]: column(board[phase]) }), empty);
}

function column({ totalCount, nodes, pageInfo }: ColumnFragment): Column {
  return {
    total: totalCount,
    cards: nodes,
    next: pageInfo.hasNextPage ? pageInfo.endCursor : null,
  };
}

function appended(shown: Column, page: ColumnFragment): Column {
  const known = new Set(shown.cards.map(({ id }) => id));
  const { total, cards, next } = column(page);
  return { total, next, cards: [...shown.cards, ...cards.filter(({ id }) => !known.has(id))] };
}

function changed(columns: Columns, card: CardFragment, from: ExperimentPhase | null): Columns {
  const known = find(columns, card.id);
  if (known && known.version > card.version) return columns;
  if (known?.phase === card.phase) return replaced(columns, card.id, card);
  const left = known ? replaced(columns, card.id, null) : columns;
  const there = left[card.phase];
  const moved = {
    ...left,
    [card.phase]: {
      ...there,
      cards: [card, ...there.cards],
      // One that only came into view from further down its column was counted there all along.
      total: there.total + (known || from !== card.phase ? 1 : 0),
    },
  };
  // One that was further down another column is counted there no more.
  if (known || from === null || from === card.phase) return moved;
  return { ...moved, [from]: { ...moved[from], total: Math.max(0, moved[from].total - 1) } };
}

export function find(columns: Columns, id: string): CardFragment | undefined {
  return PHASES.flatMap((phase) => columns[phase].cards).find((card) => card.id === id);
}

function replaced(columns: Columns, id: string, card: CardFragment | null): Columns {
  const result = { ...columns };
  for (const phase of PHASES) {
    const { total, cards, next } = columns[phase];
    if (!cards.some((one) => one.id === id)) continue;
    result[phase] = card
      ? { total, next, cards: cards.map((one) => (one.id === id ? card : one)) }
      : { total: total - 1, next, cards: cards.filter((one) => one.id !== id) };
  }
  return result;
}
