import { useEffect } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";

import { Actions } from "./actions";
import { Signs, Status } from "./card";
import { Facts } from "./facts";
import { Frame, Unreached } from "./frame";
import type { CardFragment, PageFragment } from "./graph";
import { Measures } from "./measures";
import { Results } from "./results";
import { Split } from "./split";
import { Timeline } from "./timeline";
import { useExperiment } from "./use-experiment";
import { PLATFORMS } from "./words";

export function Experiment({ leave }: { leave: (reason: string) => void }) {
  const { id = "" } = useRoute().params;
  const { page, trouble, liveness, again } = useExperiment(id);
  const { route } = useLocation();
  const title = page?.name ?? "Experiment";

  useEffect(() => {
    document.title = `${title} · Trialgraph`;
  }, [title]);

  // A restart answers with the next iteration. What happened to this one comes by itself.
  function changed(experiment: CardFragment) {
    if (experiment.id !== id) route(`/experiments/${encodeURIComponent(experiment.id)}`);
    else if (liveness !== "live") again();
  }

  return (
    <Frame
      liveness={liveness}
      again={again}
      leave={leave}
      tools={
        <a href="/" class="back">
          All experiments
        </a>
      }
    >
      {trouble && <Unreached message={trouble} again={again} />}
      {page && <Page page={page} changed={changed} />}
      {page === null && (
        <p class="notice">There is no such experiment, or this key may not see it.</p>
      )}
      {page === undefined && !trouble && <p class="notice">Asking the gateway…</p>}
    </Frame>
  );
}

function Page({
  page,
  changed,
}: {
  page: PageFragment;
  changed: (experiment: CardFragment) => void;
}) {
  return (
    <main class="page" key={page.id}>
      <section class="title">
        <div class="head">
          <span class="platform">{PLATFORMS[page.platform]}</span>
          <Status status={page.status} />
          <Signs experiment={page} />
        </div>
        <h1>{page.name}</h1>
        <p class="key">{page.key}</p>
        {page.description && <p class="lead">{page.description}</p>}
        <Actions experiment={page} changed={changed} shown={6} />
      </section>
      <div class="main-part">
        <Split page={page} />
        <Results page={page} />
        <Measures page={page} />
        <Timeline page={page} />
      </div>
      <aside>
        <Facts page={page} />
      </aside>
    </main>
  );
}
