import type { AnyVariables } from "@urql/core";
import { useCallback, useEffect, useState } from "preact/hooks";

import type { Liveness } from "./client";
import { useGateway } from "./gateway";
import type { TypedDocumentString } from "./graph";

interface View<Data, Variables, Change, Following> {
  /** The one query of the view; its cursor is where following begins. */
  query: TypedDocumentString<Data, Variables>;
  variables: Variables;
  /** What to ask with where the key may not read all of that. */
  lesser?: Variables;
  loaded: (data: Data) => void;
  /** What tells of each change from there on. */
  subscription: TypedDocumentString<{ change: Change }, Following>;
  following: Following;
  told: (change: Change) => void;
}

/** A stream that ends sooner than this is not begun again by itself. */
const LASTING = 10_000;

/**
 * Reads a view and follows it from then on, and does so anew when one of `reasons` changes, or when
 * `again` is called. Nothing that happens between reading and following is missed.
 */
export function useLive<
  Data extends { eventsCursor: string },
  Variables extends AnyVariables,
  Change extends { cursor: string },
  Following extends { after?: string | null | undefined },
>(view: View<Data, Variables, Change, Following>, reasons: readonly unknown[]) {
  const gateway = useGateway();
  const [trouble, setTrouble] = useState<string | null>(null);
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((last) => last + 1), []);

  useEffect(() => {
    let left = false;
    let unfollow = () => {};

    function follow(after: string) {
      const begun = Date.now();
      unfollow = gateway.follow(
        view.subscription,
        { ...view.following, after },
        {
          next: ({ change }) => view.told(change),
          cursor: ({ change }) => change.cursor,
          status: setLiveness,
          ended: () => Date.now() - begun > LASTING && again(),
        },
      );
    }

    async function read() {
      const all = await gateway.query(view.query, view.variables);
      const lesser = all.code === "FORBIDDEN" ? view.lesser : undefined;
      const { data, failure } = lesser ? await gateway.query(view.query, lesser) : all;
      if (left) return;
      setTrouble(failure ?? null);
      if (!data) return;
      view.loaded(data);
      follow(data.eventsCursor);
    }

    void read();
    return () => {
      left = true;
      unfollow();
    };
  }, [gateway, round, ...reasons]);

  return { trouble, liveness, again };
}
