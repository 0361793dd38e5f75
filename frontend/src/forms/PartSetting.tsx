import type { ReactNode } from "react";
import type { PartForm } from "../api/messages";
import { Icon } from "../ui/Icon";
import { Said } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { formOf, useForms } from "./context";
import { DocsLink } from "./DocsLink";
import { FaultLines } from "./FaultLines";
import { PartFields } from "./PartFields";
import { PartName } from "./PartName";
import { partOf, switched, written } from "./parts";
import { below, faultsAt } from "./places";
import type { Settings } from "./useSettings";

const W = {
  none: ["none", "无"],
  remove: ["Remove {name}", "移除 {name}"],
  unknown: ["There is no {kind} of this name here.", "此处没有这个名称的{kind}。"],
} satisfies Record<string, Words>;

interface Props {
  settings: Settings;
  place: string;
  kinds: readonly string[];
  /** words that stand beside the part's name: `every` of a schedule */
  extras?: readonly string[];
  /** the part that holds while none is written */
  fallback?: string;
  optional?: boolean;
  children?: ReactNode;
}

/** A part of the document at its place: loss, optimizer, source. */
export function PartSetting({
  settings,
  place,
  kinds,
  extras = [],
  fallback = "",
  optional = false,
  children,
}: Props) {
  const say = useSay();
  const { parts, readOnly } = useForms();
  const value = settings.at(place) ?? undefined;
  const part = partOf(value ?? fallback, extras);
  const form = formOf(parts, kinds, part.name);
  const own = below(place, part.name || "_");
  const known = new Set(form?.fields.map((field) => below(own, field.name)));
  const inField = (at: string) =>
    [...known].some((field) => at === field || at.startsWith(`${field}.`) || at.startsWith(`${field}[`));
  const beside = extras.map((name) => below(place, name));
  const rest = faultsAt(settings.faults, place, true).filter(
    (fault) =>
      !inField(fault.place) &&
      !beside.some((one) => fault.place === one || fault.place.startsWith(`${one}.`)),
  );
  const choose = (next: PartForm) => settings.put(place, written(switched(part, next)));
  return (
    <div className="form-part">
      <div className="form-named">
        <PartName kinds={kinds} name={part.name} empty={say(W.none)} onChoose={choose} />
        {form?.link && <DocsLink href={form.link} />}
        {optional && part.name && value !== undefined && (
          <button
            type="button"
            className="form-reset"
            {...tip(say(W.remove, { name: part.name }))}
            disabled={readOnly !== undefined}
            onClick={() => settings.put(place, undefined)}
          >
            <Icon name="close" />
          </button>
        )}
        {form?.summary && (
          <span className="form-summary" data-tip={form.summary}>
            <Said text={form.summary} />
          </span>
        )}
      </div>
      <FaultLines faults={rest} />
      {form && form.fields.length > 0 && (
        <PartFields
          form={form}
          args={part.args}
          place={own}
          onSet={(name, next) => settings.put(below(own, name), next)}
        />
      )}
      {children}
    </div>
  );
}
