import {
  type AnyVariables,
  Client,
  type CombinedError,
  fetchExchange,
  mapExchange,
} from "@urql/core";
import { createClient, type Client as Socket } from "graphql-ws";

import type { TypedDocumentString } from "./graph";

const ENDPOINT = "/graphql";

/** How changes reach the page: at once, not now but soon again, or not at all. */
export type Liveness = "live" | "connecting" | "off";

/** Codes with which the gateway closes a socket: whose key it does not take, or whose page. */
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;

/** Milliseconds until what the gateway ended is asked for again. */
const BREATH = 1_000;

const NO_ANSWER = "The gateway did not answer. Is it running, and does the address lead to it?";

export type Answered<Data> =
  { data: Data; failure?: never; code?: never } | { data?: never; failure: string; code: unknown };

/** A gateway, asked with one key. It keeps nothing: what a page shows, that page asked for. */
export class Gateway {
  readonly #http: Client;
  readonly #socket: Socket;
  #liveness: Liveness = "connecting";

  /** `refused` is called when the gateway does not accept the key. */
  constructor(key: string, refused: () => void) {
    const authorization = `Api-Key ${key}`;
    this.#http = new Client({
      url: ENDPOINT,
      preferGetMethod: false,
      requestPolicy: "network-only",
      fetchOptions: { headers: { Authorization: authorization } },
      exchanges: [
        mapExchange({ onError: (error) => isUnauthenticated(error) && refused() }),
        fetchExchange,
      ],
    });
    this.#socket = createClient({
      url: new URL(ENDPOINT, location.href.replace(/^http/, "ws")).href,
      connectionParams: { Authorization: authorization },
      keepAlive: 20_000,
      lazyCloseTimeout: 3_000, // from one view to the next the connection stays
      retryAttempts: Infinity,
      retryWait: (attempt) => pause(Math.min(250 * 2 ** attempt, 5_000)),
      shouldRetry: (reason) => !(reason instanceof CloseEvent && reason.code === FORBIDDEN),
      on: {
        closed(event) {
          if (event instanceof CloseEvent && event.code === UNAUTHORIZED) refused();
        },
      },
    });
  }

  async query<Data, Variables extends AnyVariables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Answered<Data>> {
    return answered(
      await this.#http.query<Data, Variables>(document.toString(), variables).toPromise(),
    );
  }

  async mutate<Data, Variables extends AnyVariables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Answered<Data>> {
    return answered(
      await this.#http.mutation<Data, Variables>(document.toString(), variables).toPromise(),
    );
  }

  /** Follows a subscription over any number of connections, until what it returns is called. */
  follow<Data, Variables extends { after?: string | null | undefined }>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    { next, cursor, status, ended }: Following<Data>,
  ): () => void {
    let after = variables.after;
    let over = false;
    let unsubscribe = () => {};
    const tell = (liveness: Liveness) => () => {
      this.#liveness = liveness;
      if (!over) status(liveness);
    };
    const deaf = [
      this.#socket.on("connecting", tell("connecting")),
      this.#socket.on("connected", tell("live")),
      this.#socket.on("closed", tell("connecting")),
    ];
    const asked = {
      ...variables,
      // Read whenever the request is sent, so by each new connection too.
      get after() {
        return after;
      },
    };
    const begin = () => {
      if (over) return;
      const request = { query: document.toString(), variables: asked };
      unsubscribe = this.#socket.subscribe<Data>(request, {
        next({ data }) {
          if (!data || over) return;
          after = cursor(data);
          next(data);
        },
        // A gateway that stops ends what it tells; the next one goes on.
        complete: () => setTimeout(begin, BREATH),
        error() {
          if (over) return;
          status("off");
          ended();
        },
      });
    };
    status(this.#liveness);
    begin();
    return () => {
      over = true;
      for (const forget of deaf) forget();
      unsubscribe();
    };
  }

  close(): void {
    void this.#socket.dispose();
  }
}

export interface Following<Data> {
  next(data: Data): void;
  /** The cursor of what came last: a new connection goes on behind it. */
  cursor(data: Data): string;
  status(liveness: Liveness): void;
  /** It ended, and what happens from now on is not told. */
  ended(): void;
}

function answered<Data>({
  data,
  error,
}: {
  data?: Data | undefined;
  error?: CombinedError | undefined;
}): Answered<Data> {
  if (data && !error) return { data };
  const [first] = error?.graphQLErrors ?? [];
  return { failure: first?.message ?? NO_ANSWER, code: first?.extensions["code"] };
}

function isUnauthenticated({ graphQLErrors }: CombinedError): boolean {
  return graphQLErrors.some(({ extensions }) => extensions["code"] === "UNAUTHENTICATED");
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds * (0.75 + Math.random() / 2)));
}
