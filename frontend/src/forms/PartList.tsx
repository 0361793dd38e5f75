import { type DragEvent, type KeyboardEvent, useRef, useState } from "react";
import type { PartForm } from "../api/messages";
import { Icon } from "../ui/Icon";
import { notify } from "../ui/notices";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { formOf, useForms } from "./context";
import { DocsLink } from "./DocsLink";
import { FaultLines } from "./FaultLines";
import { PartFields } from "./PartFields";
import { PartName } from "./PartName";
import { moved, partOf, switched, written } from "./parts";
import { below, faultsAt } from "./places";
import type { Settings } from "./useSettings";
import { textOf } from "./values";

const W = {
  add: ["Add…", "添加…"],
  move: ["Move {name}: drag it, or press the arrows", "移动 {name}：拖动或按方向键"],
  remove: ["Remove {name}", "移除 {name}"],
  removed: ["{name} is removed.", "已移除 {name}。"],
  undo: ["Undo", "撤销"],
  open: ["Arguments of {name}", "{name} 的参数"],
} satisfies Record<string, Words>;

interface Props {
  settings: Settings;
  place: string;
  kinds: readonly string[];
}

/** Parts of the document in order, such as transforms: each can be moved, changed and removed. */
export function PartList({ settings, place, kinds }: Props) {
  const say = useSay();
  const value = settings.at(place);
  const list = Array.isArray(value) ? value : [];
  const [open, setOpen] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const dragged = useRef<number | null>(null);
  const put = (next: unknown[]) => settings.put(place, next.length ? next : undefined);
  const move = (from: number, to: number) => {
    if (to < 0 || to >= list.length || from === to) return;
    put(moved(list, from, to));
    setOpen(open === from ? to : null);
  };
  const remove = (at: number, name: string) => {
    put(list.filter((_, other) => other !== at));
    setOpen(null);
    notify(say(W.removed, { name }), "done", { label: say(W.undo), run: settings.sheet.undo });
  };
  const drop = (event: DragEvent, to: number) => {
    event.preventDefault();
    if (dragged.current !== null) move(dragged.current, to);
    dragged.current = null;
    setOver(null);
  };
  return (
    <>
      <FaultLines faults={faultsAt(settings.faults, place)} />
      <ol className="form-list">
        {list.map((item, at) => (
          <Row
            // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
            key={at}
            item={item}
            place={below(place, at)}
            kinds={kinds}
            settings={settings}
            open={open === at}
            over={over === at}
            onOpen={() => setOpen(open === at ? null : at)}
            onPut={(next) => put(list.with(at, next))}
            onMove={(by) => move(at, at + by)}
            onRemove={(name) => remove(at, name)}
            onDragStart={() => {
              dragged.current = at;
            }}
            onDragOver={(event) => {
              if (dragged.current === null) return;
              event.preventDefault();
              setOver(at);
            }}
            onDrop={(event) => drop(event, at)}
            onDragEnd={() => {
              dragged.current = null;
              setOver(null);
            }}
          />
        ))}
      </ol>
      <PartName
        kinds={kinds}
        name=""
        empty={say(W.add)}
        onChoose={(form) => {
          put([...list, form.name]);
          setOpen(list.length);
        }}
      />
    </>
  );
}

interface RowProps {
  item: unknown;
  place: string;
  kinds: readonly string[];
  settings: Settings;
  open: boolean;
  over: boolean;
  onOpen: () => void;
  onPut: (value: unknown) => void;
  onMove: (by: number) => void;
  onRemove: (name: string) => void;
  onDragStart: () => void;
  onDragOver: (event: DragEvent) => void;
  onDrop: (event: DragEvent) => void;
  onDragEnd: () => void;
}

function Row({ item, place, kinds, settings, open, over, ...on }: RowProps) {
  const say = useSay();
  const { parts, readOnly } = useForms();
  const part = partOf(item);
  const form = formOf(parts, kinds, part.name);
  const own = below(place, part.name || "_");
  const faults = faultsAt(settings.faults, place, true);
  const inFields = form?.fields.flatMap((field) => faultsAt(faults, below(own, field.name), true)) ?? [];
  const shown = open || faults.length > 0;
  const name = part.name;
  const choose = (next: PartForm) => on.onPut(written(switched(part, next)));
  const press = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || readOnly !== undefined) return;
    event.preventDefault();
    on.onMove(by);
    const handles = event.currentTarget.closest("ol")?.querySelectorAll<HTMLElement>(".form-grip");
    const at = [...(handles ?? [])].indexOf(event.currentTarget as HTMLElement);
    handles?.[at + by]?.focus();
  };
  return (
    <li className={over ? "over" : undefined} onDragOver={on.onDragOver} onDrop={on.onDrop}>
      <div className="form-named">
        {/* biome-ignore lint/a11y/useSemanticElements: Firefox drags no buttons */}
        <span
          role="button"
          tabIndex={0}
          className="form-grip"
          draggable={readOnly === undefined}
          aria-disabled={readOnly !== undefined}
          {...tip(say(W.move, { name }))}
          onDragStart={(event) => {
            event.dataTransfer.setData("text/plain", name);
            event.dataTransfer.effectAllowed = "move";
            on.onDragStart();
          }}
          onDragEnd={on.onDragEnd}
          onKeyDown={press}
        >
          ⠿
        </span>
        <PartName kinds={kinds} name={name} onChoose={choose} />
        <button
          type="button"
          className="form-gist mono"
          aria-expanded={shown}
          aria-label={say(W.open, { name })}
          onClick={on.onOpen}
        >
          {gist(part.args) || (form?.fields.length ? "…" : "")}
        </button>
        {form?.link && <DocsLink href={form.link} />}
        <button
          type="button"
          className="form-reset"
          disabled={readOnly !== undefined}
          {...tip(say(W.remove, { name }))}
          onClick={() => on.onRemove(name)}
        >
          <Icon name="close" />
        </button>
      </div>
      <FaultLines faults={faults.filter((fault) => !inFields.includes(fault))} />
      {shown && form && (
        <PartFields
          form={form}
          args={part.args}
          place={own}
          onSet={(arg, next) => settings.put(below(own, arg), next)}
        />
      )}
    </li>
  );
}

/** Its arguments in short: `size 32, padding 4`. */
function gist(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .map(([name, value]) => `${name} ${textOf(value)}`)
    .join(", ");
}
