import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import type { Bench } from "./bench";
import { useDesk } from "./state";

const W = {
  details: ["Details", "详情"],
  several: ["{count} nodes are selected.", "已选择 {count} 个节点。"],
  inputs: ["inputs", "输入"],
  outputs: ["outputs", "输出"],
} satisfies Record<string, Words>;

/** What the selected node is: its arguments as written, and what torchwork filled in. */
export function Inspector({ bench }: { bench: Bench }) {
  const say = useSay();
  const said = useSaid();
  const selected = useDesk((desk) => desk.selected);
  const node = bench.level.nodes.find((one) => one.name === selected[0]);
  if (!node) return null;
  const part = bench.catalog.byName.get(node.type);
  const rows: [string, string, boolean][] = [
    ...Object.entries(node.args).map(([name, value]): [string, string, boolean] => [
      name,
      JSON.stringify(value),
      false,
    ]),
    ...Object.entries(node.inferred).map(([name, value]): [string, string, boolean] => [
      name,
      JSON.stringify(value),
      true,
    ]),
    [say(W.inputs), node.inputs.map((port) => port.shape || "—").join(", "), true],
    [say(W.outputs), node.outputs.join(", "), true],
  ];
  return (
    <section className="draw-inspector" aria-label={say(W.details)}>
      <div className="draw-side-head">
        <h2>
          {node.type} <span className="faint">{node.name}</span>
        </h2>
      </div>
      {selected.length > 1 && <p className="faint">{say(W.several, { count: selected.length })}</p>}
      {part?.summary && <p className="faint">{said(part.summary)}</p>}
      <dl>
        {rows.map(([name, value, quiet]) => (
          <div key={name} className={quiet ? "faint" : undefined}>
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
