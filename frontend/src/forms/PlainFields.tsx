import { useMemo } from "react";
import type { Schema } from "../experiment/schema";
import { Field } from "./Field";
import { below, faultsAt } from "./places";
import { plainFields } from "./plain";
import type { Settings } from "./useSettings";

interface Props {
  settings: Settings;
  schema: Schema | null;
  /** of the section in the document; empty: the document itself */
  place: string;
  names: readonly string[];
}

/** Plain values of a section: epochs, seed, batch size. */
export function PlainFields({ settings, schema, place, names }: Props) {
  const wanted = names.join();
  const fields = useMemo(
    () => plainFields(schema, place ? place.split(".") : [], wanted.split(",")),
    [schema, place, wanted],
  );
  return (
    <div className="form-fields">
      {fields.map((field) => {
        const at = place ? below(place, field.name) : field.name;
        return (
          <Field
            key={field.name}
            field={field}
            value={settings.at(at)}
            faults={faultsAt(settings.faults, at, true)}
            onChange={(value) => settings.put(at, value)}
          />
        );
      })}
    </div>
  );
}
