import { DefinitionForm } from "../forms/DefinitionForm";
import { NodeForm } from "../forms/NodeForm";
import { useSay, type Words } from "../ui/words";
import { type Bench, step } from "./bench";
import { useDesk } from "./state";

const W = {
  details: ["Details", "详情"],
  several: [
    "{count} nodes are selected; these are of {name}.",
    "已选择 {count} 个节点，以下为 {name} 的内容。",
  ],
  share: ["Share weights of the two", "让这两个节点共享权重"],
} satisfies Record<string, Words>;

/** What the selected node is, and how it is changed; without one, the level that is shown. */
export function Inspector({ bench }: { bench: Bench }) {
  const say = useSay();
  const selected = useDesk((desk) => desk.selected);
  const { level } = bench;
  const nodes = selected.flatMap((name) => level.nodes.find((one) => one.name === name) ?? []);
  const [first, second, ...more] = nodes;
  return (
    <section className="draw-inspector" aria-label={say(W.details)}>
      {first && second && (
        <div className="form-acts several">
          <span className="faint">{say(W.several, { count: nodes.length, name: first.name })}</span>
          {more.length === 0 && (
            <button
              type="button"
              disabled={bench.readOnly !== undefined}
              onClick={() =>
                step(bench, [{ do: "share", level: level.name, node: second.name, of: first.name }])
              }
            >
              {say(W.share)}
            </button>
          )}
        </div>
      )}
      {first ? (
        <NodeForm key={`${level.name}/${first.name}`} bench={bench} drawn={first} />
      ) : (
        <DefinitionForm key={level.name} bench={bench} />
      )}
    </section>
  );
}
