import { LocationProvider, Route, Router } from "preact-iso";
import { useEffect, useMemo, useState } from "preact/hooks";

import { Board } from "./board";
import { Gateway } from "./client";
import { Experiment } from "./experiment";
import { GatewayProvider } from "./gateway";
import { forgetKey, keepKey, takeKey } from "./key";

const UNKNOWN = "The gateway does not accept this key. It may have been revoked, or mistyped.";

export function App() {
  const [key, setKey] = useState(takeKey);
  const [refusal, setRefusal] = useState("");

  function leave(reason: string) {
    forgetKey();
    setRefusal(reason);
    setKey(null);
  }

  if (!key) {
    return (
      <Door
        refusal={refusal}
        enter={(typed) => {
          keepKey(typed);
          setRefusal("");
          setKey(typed);
        }}
      />
    );
  }
  return <Rooms key={key} apiKey={key} leave={leave} />;
}

function Rooms({ apiKey, leave }: { apiKey: string; leave: (reason: string) => void }) {
  const gateway = useMemo(() => new Gateway(apiKey, () => leave(UNKNOWN)), [apiKey]);
  useEffect(() => () => gateway.close(), [gateway]);
  return (
    <GatewayProvider value={gateway}>
      <LocationProvider>
        <Router>
          <Route path="/" component={Board} leave={leave} />
          <Route path="/experiments/:id" component={Experiment} leave={leave} />
          <Route default component={Nowhere} />
        </Router>
      </LocationProvider>
    </GatewayProvider>
  );
}

function Nowhere() {
  return (
    <main class="door">
      <h1>There is no such page</h1>
      <p>
        <a href="/">To the board</a>
      </p>
    </main>
  );
}

function Door({ refusal, enter }: { refusal: string; enter: (key: string) => void }) {
  const [typed, setTyped] = useState("");
  return (
    <main class="door">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim()) enter(typed.trim());
        }}
      >
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1>Lifecycle board</h1>
        <p>
          Every answer of the gateway takes an API key. This one is kept until the tab is closed,
          and is sent to nobody else.
        </p>
        {refusal && (
          <p class="refused" role="alert">
            {refusal}
          </p>
        )}
        <label for="key">API key</label>
        <input
          id="key"
          type="password"
          autocomplete="off"
          required
          autofocus
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button class="main">Open the board</button>
      </form>
    </main>
  );
}
