import { useEffect, useId, useRef, useState } from "preact/hooks";

import type { CardFragment } from "./graph";
import type { Arguments } from "./perform";
import { VERBS, type Button, type Question } from "./transitions";
import { said } from "./words";

interface PanelProps {
  experiment: CardFragment;
  button: Button;
  busy: boolean;
  close: () => void;
  perform: (given: Arguments, dryRun: boolean) => Promise<boolean>;
}

/** What is in the way of an action, or what it asks before it is done. */
export function Panel({ experiment, button, busy, close, perform }: PanelProps) {
  const { label, questions = [], grave } = VERBS[button.action];
  const [given, setGiven] = useState<Arguments>(() =>
    Object.fromEntries(questions.map(({ name, value }) => [name, value(experiment)])),
  );
  const [checked, setChecked] = useState(false);
  const first = useRef<HTMLFormElement>(null);
  useEffect(() => first.current?.querySelector<HTMLElement>("input, select, button")?.focus(), []);

  return (
    <form
      class="panel"
      ref={first}
      aria-label={`${label} ${experiment.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(false);
        void perform(given, !button.allowed);
      }}
    >
      <Consequences experiment={experiment} button={button} />
      {button.allowed &&
        [...questions, NOTE].map((question) => (
          <Answer
            key={question.name}
            question={question}
            experiment={experiment}
            value={given[question.name]}
            change={(value) => setGiven({ ...given, [question.name]: value })}
          />
        ))}
      {checked && <p class="fine passed">Nothing is in the way.</p>}
      <div class="row">
        <button type="submit" class={grave ? "main grave" : "main"} disabled={busy}>
          {button.allowed ? label : "Ask again"}
        </button>
        {button.allowed && (
          <button
            type="button"
            disabled={busy}
            onClick={async () => setChecked(await perform(given, true))}
          >
            Check first
          </button>
        )}
        <button type="button" class="quiet" onClick={close}>
          Leave it
        </button>
      </div>
    </form>
  );
}

function Consequences({ experiment, button }: { experiment: CardFragment; button: Button }) {
  if (button.allowed) {
    return (
      <p class="fine">
        {button.to === experiment.phase
          ? `Stays ${said(button.to)}`
          : `${said(experiment.phase)} → ${said(button.to)}`}
        {button.requiresApproval && ". A policy asks for approval first: this makes the request"}.
      </p>
    );
  }
  return (
    <div class="blockers">
      <p>In the way of this:</p>
      <ul>
        {button.blockers.map(({ code, message }) => (
          <li key={code + message}>{message}</li>
        ))}
        {button.missingScope && (
          <li>
            The key lacks the scope <code>{button.missingScope}</code>.
          </li>
        )}
      </ul>
    </div>
  );
}

const NOTE = {
  name: "note",
  label: "Note",
  kind: "text",
  value: () => undefined,
} as const;

interface AnswerProps {
  question: Question | typeof NOTE;
  experiment: CardFragment;
  value: Arguments[string];
  change: (value: Arguments[string]) => void;
}

function Answer({ question, experiment, value, change }: AnswerProps) {
  const id = useId();
  const { label, kind } = question;
  const asked = "demanded" in question ? question : undefined;
  const required = asked?.demanded?.(experiment) ?? false;
  if (kind === "check") {
    return (
      <label class="check">
        <input
          type="checkbox"
          checked={value === true}
          onChange={({ currentTarget }) => change(currentTarget.checked)}
        />
        {label}
      </label>
    );
  }
  const choices = "choices" in question ? question.choices?.(experiment) : undefined;
  const suggestions = "suggestions" in question ? question.suggestions : undefined;
  return (
    <div class="answer">
      <label for={id}>
        {label}
        {!required && <span class="fine"> if you like</span>}
      </label>
      {choices ? (
        <select
          id={id}
          required={required}
          value={String(value)}
          onChange={({ currentTarget }) => change(choices[currentTarget.selectedIndex]?.value)}
        >
          {choices.map((choice) => (
            <option key={choice.value} value={String(choice.value)}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          value={typeof value === "string" ? value : ""}
          list={suggestions && `${id}-list`}
          autocomplete="off"
          onInput={({ currentTarget }) => change(currentTarget.value || undefined)}
        />
      )}
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
    </div>
  );
}
