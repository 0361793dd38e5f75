import type { Run } from "../api/messages";
import { measure, number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { others, type Row, rows } from "./sides";

const W = {
  train: ["train", "训练"],
  valid: ["valid", "验证"],
  best: ["best", "最佳"],
  isBest: ["the best so far", "目前最佳"],
  metric: ["metric", "指标"],
  caption: ["Last metrics", "最新指标"],
  more: ["{count} more", "另有 {count} 个"],
} satisfies Record<string, Words>;

const SHOWN = 6;

/** The last values, training and validation side by side, the best of all marked. */
export function Metrics({ run }: { run: Run }) {
  const found = rows(run);
  if (found.length === 0) return <Loose run={run} />;
  return (
    <>
      <Sides rows={found.slice(0, SHOWN)} />
      <Loose run={run} />
    </>
  );
}

/** One column for each metric: the head stays three lines high, however many there are. */
function Sides({ rows }: { rows: Row[] }) {
  const say = useSay();
  // without validation it is training that may be the best so far
  const starred = ({ isBest, valid }: Row, name: string) =>
    isBest && name === (valid === undefined ? "train" : "valid");
  const line = (name: "train" | "valid" | "best") => (
    <tr>
      <th scope="row" className="side">
        {say(W[name])}
      </th>
      {rows.map((row) => (
        <td key={row.metric} className={starred(row, name) ? "best" : undefined}>
          {row[name] === undefined ? "" : measure(row[name])}
          {starred(row, name) && (
            <span role="img" title={say(W.isBest)} aria-label={say(W.isBest)}>
              {" ★"}
            </span>
          )}
        </td>
      ))}
    </tr>
  );
  return (
    <table className="run-metrics" aria-label={say(W.caption)}>
      <thead>
        <tr>
          <td />
          {rows.map((row) => (
            <th scope="col" key={row.metric}>
              {row.metric}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {line("train")}
        {line("valid")}
        {line("best")}
      </tbody>
    </table>
  );
}

/** What is neither of training nor of validation. */
function Loose({ run }: { run: Run }) {
  const say = useSay();
  const list = others(run).filter(([tag]) => tag !== "epoch" && tag !== "step/loss");
  if (list.length === 0) return null;
  return (
    <dl className="run-loose">
      {list.slice(0, SHOWN).map(([tag, value]) => (
        <div key={tag}>
          <dt>{tag}</dt>
          <dd>{number(value)}</dd>
        </div>
      ))}
      {list.length > SHOWN && <div className="faint">{say(W.more, { count: list.length - SHOWN })}</div>}
    </dl>
  );
}
