import { useCallback, useReducer, useState } from "preact/hooks";

import { stepped } from "./columns";
import { useGateway } from "./gateway";
import { BoardChangesDocument, BoardDocument, FurtherDocument } from "./graph";
import type {
  BoardChangesSubscription,
  CardFragment,
  ExperimentOrder,
  ExperimentPhase,
  ExperimentWhere,
} from "./graph";
import { useLive } from "./live";
import { PHASES } from "./words";

const FIRST = 20;
const ORDER: ExperimentOrder[] = [{ updatedAt: "DESC" }, { createdAt: "DESC" }];

type Change = BoardChangesSubscription["change"];

/** The experiments that satisfy a condition, by phase, and kept as they are. */
export function useBoard(where: ExperimentWhere) {
  const gateway = useGateway();
  const [columns, step] = useReducer(stepped, null);
  const [teams, setTeams] = useState<readonly { id: string; name: string }[]>([]);

  const asked = { first: FIRST, where, orderBy: ORDER };
  const live = useLive(
    {
      query: BoardDocument,
      variables: { ...asked, withTeams: true },
      // Edges to what a key may not read are empty, but a whole list of it is refused.
      lesser: { ...asked, withTeams: false },
      loaded(board) {
        setTeams(board.teams?.nodes ?? []);
        step({ kind: "loaded", board });
      },
      subscription: BoardChangesDocument,
      following: { where },
      told({ experiment, matches, event }: Change) {
        if (experiment && matches)
          step({ kind: "changed", card: experiment, from: phaseBefore(event.before, experiment) });
        else if (experiment) step({ kind: "gone", id: experiment.id });
        else if (event.subjectType === "Experiment" && event.subjectId)
          step({ kind: "gone", id: event.subjectId });
      },
    },
    [where],
  );

  const changed = useCallback(
    (card: CardFragment) => step({ kind: "changed", card, from: null }),
    [],
  );

  const further = useCallback(
    async (phase: ExperimentPhase, after: string) => {
      const inPhase: ExperimentWhere = { and: [{ phase: { eq: phase } }, where] };
      const { data } = await gateway.query(FurtherDocument, {
        first: FIRST,
        after,
        where: inPhase,
        orderBy: ORDER,
      });
      if (data) step({ kind: "further", phase, page: data.experiments });
    },
    [gateway, where],
  );

  return { columns, teams, changed, further, ...live };
}

/** The phase before an event: another one, if it says so; none, if it made the experiment. */
function phaseBefore(before: unknown, experiment: CardFragment): ExperimentPhase | null {
  if (before === null || typeof before !== "object") return null;
  return ("phase" in before && PHASES.find((phase) => phase === before.phase)) || experiment.phase;
}
