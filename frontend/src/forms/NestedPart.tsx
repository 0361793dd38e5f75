import type { PartForm } from "../api/messages";
import { Icon } from "../ui/Icon";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { formOf, useForms } from "./context";
import { PartFields } from "./PartFields";
import { PartName } from "./PartName";
import { partOf, switched, withArgument, written } from "./parts";

const W = {
  none: ["none", "无"],
  remove: ["Remove {name}", "移除 {name}"],
  add: ["Add…", "添加…"],
} satisfies Record<string, Words>;

interface Props {
  id?: string | undefined;
  kinds: readonly string[];
  value: unknown;
  optional: boolean;
  /** what stands there while there is none */
  empty?: string;
  onChange: (value: unknown) => void;
}

/** A part that is the value of a field: an initializer, a layer. */
export function NestedPart({ id, kinds, value, optional, empty, onChange }: Props) {
  const say = useSay();
  const { parts, readOnly } = useForms();
  const part = partOf(value ?? undefined);
  const form = formOf(parts, kinds, part.name);
  const choose = (next: PartForm) => onChange(written(switched(part, next)));
  return (
    <div className="form-nested">
      <div className="form-named">
        <PartName id={id} kinds={kinds} name={part.name} empty={empty ?? say(W.none)} onChoose={choose} />
        {optional && part.name && (
          <button
            type="button"
            className="form-reset"
            {...tip(say(W.remove, { name: part.name }))}
            disabled={readOnly !== undefined}
            onClick={() => onChange(undefined)}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      {form && form.fields.length > 0 && (
        <PartFields
          form={form}
          args={part.args}
          place=""
          onSet={(name, next) => onChange(written(withArgument(part, name, next)))}
        />
      )}
    </div>
  );
}

/** Several of them, in order. */
export function NestedParts({
  id,
  kinds,
  list,
  onChange,
}: {
  id?: string | undefined;
  kinds: readonly string[];
  list: readonly unknown[];
  onChange: (value: unknown) => void;
}) {
  const say = useSay();
  return (
    <div className="form-nested">
      {list.map((item, at) => (
        <NestedPart
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
          key={at}
          kinds={kinds}
          value={item}
          optional
          onChange={(next) =>
            onChange(next === undefined ? list.filter((_, place) => place !== at) : list.with(at, next))
          }
        />
      ))}
      <PartName
        id={id}
        kinds={kinds}
        name=""
        empty={say(W.add)}
        onChoose={(form) => onChange([...list, form.name])}
      />
    </div>
  );
}
