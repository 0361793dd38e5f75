import { useRef } from "react";
import type { Fault, Fix } from "../api/messages";
import { counted } from "../experiment/counts";
import { TextDoctor } from "../inside/Doctor";
import { PopupPanel } from "../ui/Popup";
import { setParams } from "../ui/route";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { type Bench, showNode, step } from "./bench";
import { useDesk } from "./state";

const W = {
  faults: ["Problems", "问题"],
  count: ["Problems: {count}", "问题：{count}"],
  none: ["No problems: it can be trained.", "没有问题，可以训练。"],
  model: ["No problems in the network.", "网络没有问题。"],
  wrong: ["What is wrong with {name}", "{name} 的问题"],
  totals: ["{parameters} parameters · {macs} MAC", "{parameters} 参数 · {macs} MAC"],
  document: ["document", "文档"],
  data: ["Data", "数据"],
  training: ["Training", "训练设置"],
} satisfies Record<string, Words>;

/** All that is wrong, below the drawing: a click goes to its node, its buttons mend it. */
export function Faults({ bench }: { bench: Bench }) {
  const say = useSay();
  const { faults, can_train } = bench.drawing;
  const words = faults.length ? W.count : can_train ? W.none : W.model;
  return (
    <section className="draw-faults" aria-label={say(W.faults)}>
      <div className="draw-strip">
        <span className={faults.length ? "bad" : ""} role="status">
          {say(words, { count: faults.length })}
        </span>
        <TextDoctor
          path={bench.path}
          text={bench.drawing.text}
          readOnly={bench.readOnly}
          onFix={(fix) => step(bench, fix.edits)}
        />
        <Totals bench={bench} />
      </div>
      {faults.length > 0 && (
        <ul>
          {faults.map((fault, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two faults may read the same
            <li key={at}>
              <button type="button" onClick={() => show(bench, fault)}>
                <span className="faint draw-place">
                  {placeOf(fault) || say(W[viewOf(fault) || "document"])}
                </span>
                <span>
                  <Said text={fault.message} />
                </span>
              </button>
              <span className="draw-ways">
                <Fixes bench={bench} fixes={fault.fixes} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const TRAINING = new Set(["name", "seed", "task", "loss", "optimizer", "schedule", "train", "parameters"]);

/** Where it can be mended: its node, or the view that its section has. */
function show(bench: Bench, fault: Fault): void {
  const view = viewOf(fault);
  if (view) setParams({ view }, false);
  else showNode(bench, fault.level, fault.node);
}

/** The other view whose fields a fault sits on. */
export function viewOf({ node, level, place }: Fault): "" | "data" | "training" {
  const section = /^\w*/.exec(place)?.[0] ?? "";
  if (node || level) return "";
  return section === "data" ? "data" : TRAINING.has(section) ? "training" : "";
}

function placeOf({ level, node }: Fault): string {
  return [level, node].filter(Boolean).join(" › ");
}

function Totals({ bench: { level } }: { bench: Bench }) {
  const say = useSay();
  const parameters = level.nodes.reduce((sum, node) => sum + (node.use ? 0 : node.parameters), 0);
  const macs = level.nodes.reduce((sum, node) => sum + (node.macs ?? 0), 0);
  if (!parameters) return null;
  return <span>{say(W.totals, { parameters: counted(parameters), macs: counted(macs) })}</span>;
}

function Fixes({ bench, fixes }: { bench: Bench; fixes: readonly Fix[] }) {
  return fixes.map((fix) => (
    <button
      key={fix.label}
      type="button"
      className="draw-fix"
      disabled={bench.readOnly !== undefined}
      onClick={() => {
        step(bench, fix.edits);
        useDesk.setState({ told: "" });
      }}
    >
      <Said text={fix.label} />
    </button>
  ));
}

/** What is wrong with one node, at its badge. */
export function FaultCard({ bench }: { bench: Bench }) {
  const say = useSay();
  const told = useDesk((desk) => desk.told);
  const anchor = useRef<HTMLElement>(null);
  anchor.current = told ? document.querySelector(`[data-fault="${CSS.escape(told)}"]`) : null;
  const faults = bench.drawing.faults.filter(
    (fault) => fault.level === bench.level.name && fault.node === told,
  );
  if (!anchor.current || !faults.length) return null;
  return (
    <PopupPanel
      key={told}
      anchor={anchor}
      align="start"
      label={say(W.wrong, { name: told })}
      className="draw-card"
      opened
      onClose={() => useDesk.setState({ told: "" })}
    >
      {() =>
        faults.map((fault, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two faults may read the same
          <div key={at}>
            <p>
              {fault.field && <b>{fault.field}: </b>}
              <Said text={fault.message} />
            </p>
            <Fixes bench={bench} fixes={fault.fixes} />
          </div>
        ))
      }
    </PopupPanel>
  );
}
