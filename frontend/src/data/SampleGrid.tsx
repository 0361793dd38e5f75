import { ActionIcon } from "@mantine/core";
import { useState } from "react";
import type { DataSamples, DataView as Described, ViewRequest } from "../api/messages";
import { useAnswer } from "../forms/useAnswer";
import { number } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Segments } from "../ui/Segments";
import { useSaid } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { Overlaid } from "./Overlaid";
import { SPLITS } from "./splits";

const W = {
  title: ["Samples", "样本"],
  split: ["Split", "划分"],
  class: ["Class", "类别"],
  every: ["all classes", "所有类别"],
  range: ["{first}–{last} of {total}", "第 {first}–{last} 个，共 {total} 个"],
  before: ["Before", "上一页"],
  after: ["Next", "下一页"],
  chosen: ["show how {name} is augmented", "查看 {name} 的增强效果"],
} satisfies Record<string, Words>;

const COUNT = 24;

interface Props {
  view: ViewRequest;
  data: Described;
  chosen: number;
  onChoose: (index: number) => void;
  /** whether masks and boxes are drawn */
  overlaid: boolean;
}

/** Samples as they are before augmentation; a click on one of training shows how it is augmented. */
export function SampleGrid({ view, data, chosen, onChoose, overlaid }: Props) {
  const say = useSay();
  const said = useSaid();
  const names = data.splits.map(({ name }) => name);
  const [split, setSplit] = useState(names[0] ?? "train");
  const [label, setLabel] = useState("");
  const [first, setFirst] = useState(0);
  const shown = names.includes(split) ? split : (names[0] ?? "train");
  const one = data.classes.includes(label) ? label : null;
  const { value, refused, busy } = useAnswer<DataSamples>("data/samples", {
    ...view,
    split: shown,
    label: one,
    first,
    count: COUNT,
  });
  const total = value?.total ?? 0;
  const go = (to: number) =>
    setFirst(Math.max(0, Math.min(to, COUNT * Math.floor(Math.max(0, total - 1) / COUNT))));
  const pick = (next: string) => {
    setSplit(next);
    setFirst(0);
  };
  return (
    <section>
      <div className="data-head">
        <h2 className="data-title">{say(W.title)}</h2>
        <Segments<string>
          label={say(W.split)}
          value={shown}
          onChange={pick}
          data={names.map((name) => ({ value: name, label: say(SPLITS[name] ?? W.split) }))}
        />
        {data.classes.length > 0 && !data.attached && (
          <select
            className="form-select"
            aria-label={say(W.class)}
            value={one ?? ""}
            onChange={(event) => {
              setLabel(event.currentTarget.value);
              setFirst(0);
            }}
          >
            <option value="">{say(W.every)}</option>
            {data.classes.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        <span className="data-pages">
          <ActionIcon {...tip(say(W.before))} disabled={first === 0} onClick={() => go(first - COUNT)}>
            <Icon name="before" />
          </ActionIcon>
          <span>
            {total > 0 &&
              say(W.range, {
                first: number(first + 1),
                last: number(Math.min(total, first + COUNT)),
                total: number(total),
              })}
          </span>
          <ActionIcon
            {...tip(say(W.after))}
            disabled={first + COUNT >= total}
            onClick={() => go(first + COUNT)}
          >
            <Icon name="after" />
          </ActionIcon>
        </span>
      </div>
      {refused && <p className="form-fault">{said(refused)}</p>}
      <Samples
        value={value}
        busy={busy}
        training={shown === "train"}
        chosen={chosen}
        onChoose={onChoose}
        overlaid={overlaid}
      />
    </section>
  );
}

function Samples({
  value,
  busy,
  training,
  chosen,
  onChoose,
  overlaid,
}: {
  value: DataSamples | null;
  busy: boolean;
  training: boolean;
  chosen: number;
  onChoose: (index: number) => void;
  overlaid: boolean;
}) {
  const say = useSay();
  const said = useSaid();
  if (!value) return <div className="data-grid" style={{ minHeight: 240 }} />;
  if (value.samples.some(({ picture }) => !picture)) return <Rows value={value} />;
  return (
    <ul className="data-grid" aria-busy={busy}>
      {value.samples.map(({ index, name, picture, label, over }) => (
        <li key={index}>
          <button
            type="button"
            disabled={!training}
            aria-pressed={training && index === chosen}
            aria-label={`${label ?? ""} ${said(name)}`}
            data-tip={[said(name), training ? say(W.chosen, { name: `#${index}` }) : ""]
              .filter(Boolean)
              .join("\n")}
            onClick={() => onChoose(index)}
          >
            <Overlaid picture={picture} alt="" over={over} shown={overlaid} />
            <span className="data-label">{label}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Rows({ value }: { value: DataSamples }) {
  return (
    <table className="data-rows">
      <tbody>
        {value.samples.map(({ index, text, label }) => (
          <tr key={index}>
            <th scope="row" className="number">
              {number(index)}
            </th>
            <td className="mono">{text}</td>
            <td className="label">{label}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
