import { extent, nice, ticks } from "d3-array";

import type { PageFragment } from "./graph";
import { count, effect, mark, variantName } from "./words";

type Result = PageFragment["results"][number];

/** How the variants came out against the control: an interval each, on one axis. */
export function Results({ page }: { page: PageFragment }) {
  const measured = page.results.filter(({ impact }) => impact !== null);
  const environments = [...new Set(measured.map(({ environment }) => environment))];
  return (
    <section class="panel-box" aria-labelledby="results">
      <h2 id="results">Results</h2>
      {measured.length === 0 && <p class="fine">No impact has been reported.</p>}
      {environments.map((environment) => (
        <Plot
          key={environment}
          page={page}
          environment={environment}
          results={measured.filter((result) => result.environment === environment)}
        />
      ))}
    </section>
  );
}

interface Axis {
  place: (value: number) => string;
  marks: readonly number[];
}

function axis(results: readonly Result[]): Axis {
  const bounds = results.flatMap(({ impact, impactLower, impactUpper }) => [
    impact,
    impactLower,
    impactUpper,
  ]);
  const [low = 0, high = 0] = extent([0, ...bounds.filter((bound) => bound !== null)]);
  const [from, to] = low === high ? [-0.01, 0.01] : nice(low, high, 6);
  return {
    place: (value) => `${((value - from) / (to - from)) * 100}%`,
    marks: ticks(from, to, 5),
  };
}

interface PlotProps {
  page: PageFragment;
  environment: string | null;
  results: readonly Result[];
}

function Plot({ page, environment, results }: PlotProps) {
  const { place, marks } = axis(results);
  return (
    <div
      class="plot"
      role="table"
      aria-label={`Impact on each metric${environment ? ` in ${environment}` : ""}`}
    >
      <div class="plot-row plot-head" role="row">
        <span role="columnheader">{environment ?? "All environments"}</span>
        <span class="track" role="columnheader" aria-label="Interval">
          {marks.map((value) => (
            <span key={value} class="mark" style={{ left: place(value) }}>
              {mark(value)}
            </span>
          ))}
        </span>
        <span role="columnheader">Impact</span>
      </div>
      {results.map((result, row) => (
        <Row
          key={row}
          page={page}
          result={result}
          axis={{ place, marks }}
          isFirst={result.metric?.id !== results[row - 1]?.metric?.id}
        />
      ))}
    </div>
  );
}

interface RowProps {
  page: PageFragment;
  result: Result;
  axis: Axis;
  isFirst: boolean;
}

function Row({ page, result, axis: { place, marks }, isFirst }: RowProps) {
  const {
    impact,
    impactLower: lower,
    impactUpper: upper,
    pValue,
    metric,
    variantIndex,
    unitCount,
  } = result;
  const variant = page.variants.find(({ index }) => index === variantIndex);
  const isPrimary = metric !== null && metric.id === page.primaryMetric?.id;
  const interval =
    lower !== null && upper !== null
      ? { left: place(lower), right: `calc(100% - ${place(upper)})` }
      : null;
  return (
    <div class={isFirst ? "plot-row first" : "plot-row"} role="row">
      {isFirst && (
        <span class="metric-name" role="rowheader">
          {metric?.name ?? "A metric that this key may not see"}
          {isPrimary && <span class="sign">primary</span>}
        </span>
      )}
      <span class="fine" role="rowheader">
        <span class={`dot v${variantIndex % 6}`} aria-hidden="true" />
        {variant ? variantName(variant) : `Variant ${variantIndex}`}
      </span>
      <span class={`track ${verdict(result)}`} role="cell" aria-label={spoken(result)}>
        {marks.map((value) => (
          <span
            key={value}
            class={value === 0 ? "line zero" : "line"}
            style={{ left: place(value) }}
          />
        ))}
        {interval && <span class="interval" style={interval} />}
        {impact !== null && <span class="point" style={{ left: place(impact) }} />}
      </span>
      <span
        role="cell"
        class="number"
        title={unitCount === null ? undefined : `${count(unitCount)} units`}
      >
        {impact !== null && effect(impact)}
        {pValue !== null && (
          <span class="fine">p {pValue < 0.001 ? "< 0.001" : pValue.toFixed(3)}</span>
        )}
      </span>
    </div>
  );
}

function spoken({ impactLower, impactUpper }: Result): string {
  if (impactLower === null || impactUpper === null) return "no interval";
  return `from ${effect(impactLower)} to ${effect(impactUpper)}`;
}

/** Good or bad where the interval leaves out zero and the metric has a good direction. */
function verdict({ impactLower, impactUpper, metric }: Result): "good" | "bad" | "open" {
  if (impactLower === null || impactUpper === null || !metric) return "open";
  if (metric.effect === "UNKNOWN" || (impactLower <= 0 && impactUpper >= 0)) return "open";
  return impactLower > 0 === (metric.effect === "POSITIVE") ? "good" : "bad";
}
