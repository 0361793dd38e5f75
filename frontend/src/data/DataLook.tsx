import { useRef, useState } from "react";
import type { DataView as Described, ViewRequest } from "../api/messages";
import { Late } from "../forms/Late";
import { Skeleton } from "../forms/Skeleton";
import { useAnswer } from "../forms/useAnswer";
import { number } from "../ui/format";
import { Spinner } from "../ui/Spinner";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { Augmenting } from "./Augmenting";
import { ClassCounts } from "./ClassCounts";
import { Legend } from "./Legend";
import { SampleGrid } from "./SampleGrid";
import { SPLITS } from "./splits";

const W = {
  data: ["Data", "数据"],
  sample: ["One sample", "单个样本"],
  target: ["Target", "目标"],
  mean: ["Mean", "均值"],
  std: ["Standard deviation", "标准差"],
  unnormalised: ["not normalised", "未归一化"],
  damaged: ["Damaged files of {split}, left out: {count}", "{split}中损坏的文件（已忽略）：{count}"],
  trouble: ["These data cannot be read yet", "暂时无法读取这些数据"],
  reading: ["Reading the data…", "正在读取数据…"],
  notes: ["Notes", "说明"],
  other: ["more {count}", "其他 {count} 个"],
} satisfies Record<string, Words>;

/** Names that are single words: too short to be known as sentences. */
const FACTS: Record<string, Words> = {
  source: ["source", "来源"],
  kind: ["kind", "类型"],
  loading: ["loading", "加载方式"],
  workers: ["workers", "工作进程"],
  batch: ["batch size", "批大小"],
  batches: ["batches", "批次数"],
};

const VALUES: Record<string, Words> = {
  picture: ["pictures", "图片"],
  table: ["table", "表格"],
  array: ["arrays", "数组"],
  resident: ["resident", "resident（全部在内存中）"],
  cached: ["cached", "cached（解码一次并存入文件）"],
  streamed: ["streamed", "streamed（每次都解码）"],
};

/** The data as training would open them. */
export function DataLook({ view }: { view: ViewRequest }) {
  const say = useSay();
  const said = useSaid();
  const { value: data, busy, refused } = useAnswer<Described>("data", view);
  const [index, setIndex] = useState(0);
  // while something is wrong, what was right before stays in sight
  const right = useRef<{ view: ViewRequest; data: Described } | null>(null);
  if (data?.splits.length && !busy) right.current = { view, data };
  if (refused) return <p className="form-fault">{said(refused)}</p>;
  if (!data)
    return (
      <div role="status" aria-label={say(W.reading)}>
        <p className="faint">
          <Spinner /> {say(W.reading)}
        </p>
        <Skeleton rows={9} height={18} />
      </div>
    );
  const wrong = !data.splits.length;
  const shown = right.current ?? (wrong ? null : { view, data });
  return (
    <>
      {wrong && <Trouble data={data} />}
      {shown && (
        <div className={wrong ? "data-look old" : "data-look"} aria-busy={busy}>
          <Whole view={shown.view} data={shown.data} busy={busy} index={index} onIndex={setIndex} />
        </div>
      )}
    </>
  );
}

interface WholeProps {
  view: ViewRequest;
  data: Described;
  busy: boolean;
  index: number;
  onIndex: (index: number) => void;
}

function Whole({ view, data, busy, index, onIndex }: WholeProps) {
  const say = useSay();
  const said = useSaid();
  const [overlaid, setOverlaid] = useState(true);
  return (
    <>
      <Numbers data={data} busy={busy} />
      <ClassCounts splits={data.splits} classes={data.classes} pixels={data.attached === "labels"} />
      <Damaged data={data} />
      <Legend data={data} shown={overlaid} onShown={setOverlaid} />
      <SampleGrid view={view} data={data} chosen={index} onChoose={onIndex} overlaid={overlaid} />
      <Augmenting view={view} index={index} overlaid={overlaid} />
      {data.notes.length > 0 && (
        <section>
          <h2 className="data-title">{say(W.notes)}</h2>
          <ul className="data-notes">
            {data.notes.map((note) => (
              <li key={note}>{said(note)}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Trouble({ data }: { data: Described }) {
  const say = useSay();
  const said = useSaid();
  return (
    <div className="data-trouble">
      <h2 className="data-title">{say(W.trouble)}</h2>
      {data.problems.map((problem) => (
        <p key={problem.place + problem.message}>
          <span className="mono faint">{problem.place}</span> {said(problem.message)}
          {problem.fix && <span className="data-fix">→ {said(problem.fix)}</span>}
        </p>
      ))}
      {data.notes.map((note) => (
        <p key={note} className="faint">
          {said(note)}
        </p>
      ))}
    </div>
  );
}

function Numbers({ data, busy }: { data: Described; busy: boolean }) {
  const say = useSay();
  const said = useSaid();
  const numbers = (values: Described["mean"]) => values.map((value) => number(value, 3)).join("  ");
  const rows: [string, string][] = [
    ...data.splits.map((split): [string, string] => [
      say(SPLITS[split.name] ?? W.data),
      number(split.samples),
    ]),
    [say(W.sample), data.inputs.join(", ")],
    [say(W.target), said(data.target)],
    [say(W.mean), data.mean.length ? numbers(data.mean) : say(W.unnormalised)],
    ...(data.std.length ? [[say(W.std), numbers(data.std)] as [string, string]] : []),
    ...data.facts.map(([name, value]): [string, string] => [
      FACTS[name] ? say(FACTS[name]) : said(name),
      VALUES[value] && name !== "source" ? say(VALUES[value]) : said(value),
    ]),
  ];
  return (
    <dl className="data-numbers">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {busy && <Late />}
    </dl>
  );
}

const NAMED = 8;

function Damaged({ data }: { data: Described }) {
  const say = useSay();
  return data.splits
    .filter((split) => split.damaged.length > 0)
    .map(({ name, damaged }) => (
      <section key={name} className="data-damaged">
        <h2 className="data-title">
          {say(W.damaged, { count: damaged.length, split: say(SPLITS[name] ?? W.data) })}
        </h2>
        <p className="mono">
          {damaged.slice(0, NAMED).join(", ")}
          {damaged.length > NAMED && ` ${say(W.other, { count: damaged.length - NAMED })}`}
        </p>
      </section>
    ));
}
