import { useId } from "react";
import type { Fault, PartField } from "../api/messages";
import { Icon } from "../ui/Icon";
import { useSaid } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { Control } from "./Control";
import { useForms } from "./context";
import { FaultLines } from "./FaultLines";
import { NestedPart, NestedParts } from "./NestedPart";
import { stored, textOf } from "./values";

const W = {
  reset: ["{name}: back to the default, {value}", "{name}：恢复默认值 {value}"],
  none: ["nothing", "无"],
} satisfies Record<string, Words>;

export interface FieldProps {
  field: PartField;
  value: unknown;
  inferred?: unknown;
  faults?: readonly Fault[];
  /** what stands before the control's label where the field's name says too little */
  label?: string;
  onChange: (value: unknown) => void;
}

/** One value of a form: its name with help, its control, its way back, and what is wrong with it. */
export function Field({ field, value, inferred, faults = [], label, onChange }: FieldProps) {
  const say = useSay();
  const said = useSaid();
  const { readOnly } = useForms();
  const id = useId();
  const kind = field.kind.startsWith("part:") ? field.kind.slice(5) : "";
  const change = (next: unknown) => onChange(stored(field, next));
  const help = [field.help, field.expected].filter(Boolean).map(said).join("\n");
  const back = textOf(inferred ?? field.default ?? undefined) || say(W.none);
  return (
    <div className={kind ? "form-row nesting" : "form-row"}>
      <label
        htmlFor={id}
        className={value === undefined ? undefined : "written"}
        data-tip={help || undefined}
      >
        {label ?? field.name}
        {field.required && (
          <span className="form-must" aria-hidden>
            *
          </span>
        )}
      </label>
      {kind ? (
        <Nested id={id} kind={kind} field={field} value={value} onChange={onChange} />
      ) : (
        <Control
          id={id}
          field={field}
          value={value}
          inferred={inferred}
          wrong={faults.length > 0}
          disabled={readOnly !== undefined}
          onChange={change}
        />
      )}
      {value !== undefined && !field.required && !kind ? (
        <button
          type="button"
          className="form-reset"
          {...tip(say(W.reset, { name: field.name, value: back }))}
          disabled={readOnly !== undefined}
          onClick={() => onChange(undefined)}
        >
          <Icon name="close" />
        </button>
      ) : (
        <span />
      )}
      {faults.length > 0 && <FaultLines faults={faults} />}
    </div>
  );
}

function Nested(props: {
  id: string;
  kind: string;
  field: PartField;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const { id, kind, field, value, onChange } = props;
  if (/^a list/.test(field.expected))
    return (
      <NestedParts id={id} kinds={[kind]} list={Array.isArray(value) ? value : []} onChange={onChange} />
    );
  return <NestedPart id={id} kinds={[kind]} value={value} optional={!field.required} onChange={onChange} />;
}
