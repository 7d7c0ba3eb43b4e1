import { useState } from "preact/hooks";

import { ExperimentChangesDocument, ExperimentDocument, type PageFragment } from "./graph";
import { useLive } from "./live";

const ROWS = 50;

/** One experiment, kept as it is; null where there is none. */
export function useExperiment(id: string) {
  const [page, setPage] = useState<PageFragment | null>();
  const live = useLive(
    {
      query: ExperimentDocument,
      variables: { id, rows: ROWS },
      loaded: ({ experiment }) => setPage(experiment),
      subscription: ExperimentChangesDocument,
      following: { id, rows: ROWS },
      told: ({ experiment }) => setPage(experiment),
    },
    [id],
  );
  // From one experiment's page to another's, the first is not shown under the other's address.
  return { page: page && page.id !== id ? undefined : page, ...live };
}
