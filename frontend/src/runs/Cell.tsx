import { useState } from "react";
import type { Run } from "../api/messages";
import { saveNotes } from "../run/notes";
import { ago, duration, measure, moment, number } from "../ui/format";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { changeRun } from "./actions";
import { FACT_WORDS } from "./columns";
import { type FieldId, fieldOf, said } from "./fields";
import { RunLink } from "./RunName";
import { openRun } from "./RunsList";
import { STATUS, StatusLamp } from "./status";

export type Editable = "name" | "notes" | "tags";

const W = { edit: ["Edit {what} of {run}", "编辑 {run} 的{what}"] } satisfies Record<string, Words>;

/** What a table shows of a run in one column. */
export function Cell({ run, field }: { run: Run; field: FieldId }) {
  const say = useSay();
  const told = useSaid();
  if (field === "status")
    return (
      <span className="runs-status" title={run.error ? told(run.error) : undefined}>
        <StatusLamp run={run} /> {say(STATUS[run.status])}
      </span>
    );
  if (field === "notes" || field === "tags") return <EditableText run={run} field={field} />;
  if (field === "started") return <span title={moment(run.started)}>{run.started && ago(run.started)}</span>;
  const value = fieldOf(run, field);
  if (value === undefined) return null;
  if (field === "epoch") return <>{run.epochs ? `${run.epoch}/${run.epochs}` : run.epoch}</>;
  if (field === "duration") return <>{Number.isNaN(value) ? "" : duration(value as number)}</>;
  if (typeof value === "number" && !field.startsWith("set:"))
    return <span title={String(value)}>{measure(value)}</span>;
  if (typeof value === "number") return <span title={String(value)}>{number(value)}</span>;
  const text = said(value);
  return <span title={text}>{text}</span>;
}

/** The name leads to the run; when it is being renamed it is a field. */
export function NameCell(props: { run: Run; renaming: boolean; done: () => void }) {
  const { run } = props;
  if (props.renaming) return <Field run={run} field="name" done={props.done} />;
  return <RunLink run={run} href={openRun(run.id)} />;
}

function EditableText({ run, field }: { run: Run; field: "notes" | "tags" }) {
  const say = useSay();
  const [editing, setEditing] = useState(false);
  const readOnly = useReadOnly();
  if (editing) return <Field run={run} field={field} done={() => setEditing(false)} />;
  const label = say(W.edit, { what: say(FACT_WORDS[field]), run: run.name });
  return (
    <button
      type="button"
      className="runs-editable"
      aria-label={label}
      title={run[field].length ? textOf(run, field) : label}
      disabled={readOnly !== undefined}
      data-tip={readOnly}
      onClick={() => setEditing(true)}
    >
      {field === "tags"
        ? run.tags.map((tag) => (
            <span key={tag} className="runs-tag">
              {tag}
            </span>
          ))
        : run.notes}
    </button>
  );
}

function textOf(run: Run, field: Editable): string {
  return field === "tags" ? run.tags.join(", ") : run[field];
}

/** Enter or leaving keeps what was typed, Escape does not. */
function Field({ run, field, done }: { run: Run; field: Editable; done: () => void }) {
  const say = useSay();
  const [first] = useState(() => textOf(run, field));
  const keep = (text: string) => {
    done();
    if (text === first) return;
    if (field === "notes") return void saveNotes(run.id, text, first);
    const tags = text.split(",").map((tag) => tag.trim());
    void changeRun(run.id, field === "tags" ? { tags: tags.filter(Boolean) } : { name: text });
  };
  return (
    <input
      ref={(input) => input?.select()}
      className="runs-field"
      defaultValue={first}
      aria-label={say(W.edit, { what: say(FACT_WORDS[field]), run: run.name })}
      onBlur={(event) => keep(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.nativeEvent.isComposing) event.currentTarget.blur();
        if (event.key !== "Escape") return;
        event.currentTarget.value = first;
        done();
      }}
    />
  );
}
