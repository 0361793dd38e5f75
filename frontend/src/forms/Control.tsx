import { type KeyboardEvent, useId, useRef } from "react";
import type { PartField } from "../api/messages";
import { Icon } from "../ui/Icon";
import { useSaid } from "../ui/said";
import { useForms } from "./context";
import { useTyped } from "./useTyped";
import { stepped, stored, textOf, valueTyped } from "./values";

export interface ControlProps {
  id: string;
  field: PartField;
  /** as written; undefined: nothing is */
  value: unknown;
  /** what holds while nothing is written, where torchwork knows better than the default */
  inferred?: unknown;
  wrong: boolean;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

/** Milliseconds after the last of several steps. */
const PAUSE = 250;

/** The control of one value: a box, a choice, or a line that takes numbers, lists and expressions. */
export function Control(props: ControlProps) {
  const { field, value } = props;
  const written = value !== undefined && typeof value !== "boolean";
  if (field.kind === "bool" && !written && field.default !== null) return <Tick {...props} />;
  if (field.kind === "choice" || (field.kind === "bool" && !(typeof value === "string")))
    return <Choice {...props} />;
  return <Line {...props} />;
}

function Tick({ id, field, value, wrong, disabled, onChange }: ControlProps) {
  return (
    <input
      id={id}
      type="checkbox"
      className={value === undefined ? "form-tick unset" : "form-tick"}
      checked={Boolean(value ?? field.default)}
      aria-invalid={wrong || undefined}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

function Choice({ id, field, value, wrong, disabled, onChange }: ControlProps) {
  const choices = field.kind === "bool" ? [true, false] : field.choices;
  const all = field.default === null ? [null, ...choices] : choices;
  const now = value === undefined ? field.default : value;
  const options = all.some((one) => one === now) ? all : [...all, now];
  return (
    <select
      id={id}
      className={value === undefined ? "form-select unset" : "form-select"}
      value={options.indexOf(now)}
      aria-invalid={wrong || undefined}
      disabled={disabled}
      onChange={(event) => onChange(options[Number(event.currentTarget.value)])}
    >
      {options.map((one, at) => (
        <option key={textOf(one)} value={at}>
          {one === null ? "—" : textOf(one)}
        </option>
      ))}
    </select>
  );
}

function Line({ id, field, value, inferred, wrong, disabled, onChange }: ControlProps) {
  const said = useSaid();
  const { undo } = useForms();
  const list = useId();
  const text = textOf(value);
  const { typed, setTyped, sent } = useTyped(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const send = (next: string) => {
    clearTimeout(timer.current);
    const value = valueTyped(next, field.kind);
    sent(next);
    if (next.trim() !== text.trim()) onChange(value);
    // what is as good as not written does not look written
    if (next.trim() === text.trim() || stored(field, value) === undefined)
      setTyped(text && value === undefined ? "" : text);
  };
  const latest = useRef(send);
  latest.current = send;
  const now = valueTyped(typed, field.kind) ?? inferred ?? field.default;
  const steps = field.kind === "int" || (typeof now === "number" && field.kind !== "text");
  const step = (up: boolean, by: number) => {
    const kind = Number.isInteger(now) && field.kind !== "float" ? "int" : "float";
    const next = String(
      stepped(typeof now === "number" ? now : (field.low ?? 0), up, { ...field, kind }, by),
    );
    setTyped(next);
    // several steps in a row are one edit
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(next), PAUSE);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const up = event.key === "ArrowUp";
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) send(typed);
    else if (isUndo(event) && typed === text) undo();
    else if (event.key === "Escape" && typed !== text) {
      clearTimeout(timer.current);
      setTyped(text);
    } else if (steps && !event.altKey && (up || event.key === "ArrowDown")) step(up, event.shiftKey ? 10 : 1);
    else return;
    event.stopPropagation();
    event.preventDefault();
  };
  const holds = textOf(inferred ?? field.default ?? undefined);
  return (
    <span className="form-line">
      <input
        id={id}
        type="text"
        className={field.kind === "text" ? "" : "mono"}
        value={typed}
        placeholder={holds || (field.required ? said(field.expected) : "—")}
        list={field.choices.length ? list : undefined}
        aria-invalid={wrong || undefined}
        aria-required={field.required || undefined}
        autoComplete="off"
        spellCheck={false}
        disabled={disabled}
        data-typed={typed !== text || undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => send(typed)}
        onKeyDown={press}
      />
      {field.choices.length > 0 && (
        <datalist id={list}>
          {field.choices.map((one) => (
            <option key={textOf(one)}>{textOf(one)}</option>
          ))}
        </datalist>
      )}
      {field.kind === "int" && (
        <span className="form-steps" aria-hidden>
          {([true, false] as const).map((up) => (
            <button
              key={String(up)}
              type="button"
              tabIndex={-1}
              disabled={disabled}
              onClick={(event) => step(up, event.shiftKey ? 10 : 1)}
            >
              <Icon name={up ? "up" : "down"} />
            </button>
          ))}
        </span>
      )}
    </span>
  );
}

/** While nothing is typed in a field, undo is meant for the document. */
function isUndo(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
}
