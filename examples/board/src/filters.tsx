import { useLocation } from "preact-iso";
import { useEffect, useMemo, useState } from "preact/hooks";

import type { ExperimentWhere, Platform } from "./graph";
import { PLATFORMS } from "./words";

/** What is looked for, as the address says it, so that a view can be sent to somebody. */
export interface Sought {
  text: string;
  team: string;
  platform: string;
  archived: boolean;
  deleted: boolean;
}

export function useSought(): [Sought, (change: Partial<Sought>) => void] {
  const { query, route } = useLocation();
  const sought: Sought = {
    text: query["text"] ?? "",
    team: query["team"] ?? "",
    platform: query["platform"] ?? "",
    archived: query["archived"] !== "no",
    deleted: query["deleted"] === "yes",
  };
  return [
    sought,
    (change) => {
      const { text, team, platform, archived, deleted } = { ...sought, ...change };
      const said = Object.entries({
        text: text.trim(),
        team,
        platform,
        archived: archived ? "" : "no",
        deleted: deleted ? "yes" : "",
      }).filter(([, value]) => value);
      const search = new URLSearchParams(said).toString();
      route(search ? `/?${search}` : "/", true);
    },
  ];
}

/** The condition for that; the same object as long as the same is looked for. */
export function useWhere({ text, team, platform, archived, deleted }: Sought): ExperimentWhere {
  return useMemo(() => {
    const hidden = [
      ...(archived ? [] : ["ARCHIVED" as const]),
      ...(deleted ? [] : ["DELETED" as const]),
    ];
    const all: ExperimentWhere[] = [];
    if (hidden.length) all.push({ status: { notIn: hidden } });
    if (text) all.push({ or: [{ name: { contains: text } }, { key: { contains: text } }] });
    if (team) all.push({ teams: { some: { id: { eq: team } } } });
    if (platform in PLATFORMS) all.push({ platform: { eq: platform as Platform } });
    return { and: all };
  }, [text, team, platform, archived, deleted]);
}

const TYPING = 250;

interface Props {
  sought: Sought;
  seek: (change: Partial<Sought>) => void;
  teams: readonly { id: string; name: string }[];
}

export function Filters({ sought, seek, teams }: Props) {
  const [text, setText] = useState(sought.text);
  useEffect(() => {
    if (text.trim() === sought.text) return;
    const waiting = setTimeout(() => seek({ text }), TYPING);
    return () => clearTimeout(waiting);
  }, [text]);

  return (
    <form
      class="filters"
      role="search"
      aria-label="Experiments"
      onSubmit={(event) => event.preventDefault()}
    >
      <input
        type="search"
        aria-label="Name or key"
        placeholder="Name or key"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <select
        aria-label="Team"
        value={sought.team}
        disabled={!teams.length}
        onChange={({ currentTarget }) => seek({ team: currentTarget.value })}
      >
        <option value="">All teams</option>
        {teams.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label="Platform"
        value={sought.platform}
        onChange={({ currentTarget }) => seek({ platform: currentTarget.value })}
      >
        <option value="">All platforms</option>
        {Object.entries(PLATFORMS).map(([platform, name]) => (
          <option key={platform} value={platform}>
            {name}
          </option>
        ))}
      </select>
      <Shown label="Archived" checked={sought.archived} change={(archived) => seek({ archived })} />
      <Shown label="Deleted" checked={sought.deleted} change={(deleted) => seek({ deleted })} />
    </form>
  );
}

function Shown({
  label,
  checked,
  change,
}: {
  label: string;
  checked: boolean;
  change: (shown: boolean) => void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => change(currentTarget.checked)}
      />
      {label}
    </label>
  );
}
