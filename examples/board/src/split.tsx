import type { PageFragment } from "./graph";
import { count, variantName } from "./words";

/** Who gets what: the variants, and their shares drawn to scale. */
export function Split({ page }: { page: PageFragment }) {
  const { variants, split, variantCount, percentageOfTraffic, release, exposures } = page;
  const unlisted = (variantCount ?? 0) - variants.length;
  const met = exposures.filter(({ unitCount }) => unitCount !== null);
  return (
    <section class="panel-box" aria-labelledby="split">
      <h2 id="split">Variants</h2>
      {split.length > 0 && (
        <div class="shares" aria-hidden="true">
          {split.map((share, index) => (
            <span key={index} class={`share v${index % 6}`} style={{ flexGrow: share }} />
          ))}
        </div>
      )}
      <table class="variants">
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col">Share</th>
            <th scope="col">
              <span class="hidden">Remarks</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {variants.map(({ index, key, name, isControl }) => (
            <tr key={index}>
              <th scope="row">
                <span class={`dot v${index % 6}`} aria-hidden="true" />
                {index} · {variantName({ index, key, name })}
              </th>
              <td>{share(split[index])}</td>
              <td>
                {isControl && <span class="sign">control</span>}
                {release?.variantIndex === index && <span class="sign">everybody gets this</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="fine">
        {[
          percentageOfTraffic !== null && `${percentageOfTraffic} % of the traffic takes part.`,
          unlisted > 0 && `${unlisted} more are not listed by the source.`,
          ...met.map(
            ({ environment, unitCount }) =>
              `${count(unitCount ?? 0)} units in ${environment ?? "all"}.`,
          ),
        ]
          .filter(Boolean)
          .join(" ")}
      </p>
    </section>
  );
}

function share(fraction: number | undefined): string {
  return fraction === undefined ? "–" : `${+(fraction * 100).toFixed(1)} %`;
}
