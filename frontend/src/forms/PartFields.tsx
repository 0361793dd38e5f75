import { useState } from "react";
import type { PartForm } from "../api/messages";
import { useSay, type Words } from "../ui/words";
import { useForms } from "./context";
import { Field } from "./Field";
import { arranged } from "./parts";
import { below, faultsAt } from "./places";

const W = {
  more: ["More ({count})", "更多（{count}）"],
  less: ["Less", "收起"],
} satisfies Record<string, Words>;

interface Props {
  form: Pick<PartForm, "name" | "fields">;
  args: Readonly<Record<string, unknown>>;
  inferred?: Readonly<Record<string, unknown>>;
  /** of the part in the document; empty: faults are told elsewhere */
  place: string;
  onSet: (name: string, value: unknown) => void;
}

/** The arguments of a part. */
export function PartFields({ form, args, inferred = {}, place, onSet }: Props) {
  const say = useSay();
  const { faults } = useForms();
  const [open, setOpen] = useState(false);
  const found = (name: string) => (place ? faultsAt(faults, below(place, name), true) : []);
  const { shown, more } = arranged(form.fields, args, (name) => found(name).length > 0);
  return (
    <div className="form-fields">
      {[...shown, ...(open ? more : [])].map((field) => (
        <Field
          key={`${form.name}.${field.name}`}
          field={field}
          value={args[field.name]}
          inferred={inferred[field.name]}
          faults={found(field.name)}
          onChange={(value) => onSet(field.name, value)}
        />
      ))}
      {more.length > 0 && (
        <button type="button" className="form-more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {say(open ? W.less : W.more, { count: more.length })}
        </button>
      )}
    </div>
  );
}
