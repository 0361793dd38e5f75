import { Handle, type Node, type NodeProps, Position, useUpdateNodeInternals } from "@xyflow/react";
import { type KeyboardEvent, memo, useContext, useEffect, useRef } from "react";
import type { DrawnNode, Fault, Port } from "../api/messages";
import { counted } from "../experiment/counts";
import { useSay, type Words } from "../ui/words";
import { argsText } from "./face";
import type { Direction } from "./layout";
import { Marks } from "./marks";
import { Sign } from "./Sign";
import type { Share } from "./shares";
import { useDesk } from "./state";

const W = {
  faults: ["What is wrong with {name}", "{name} 的问题"],
  uses: ["used {count} times", "使用 {count} 次"],
  shared: ["the module of {name}: shared weights", "复用 {name} 的模块，共享权重"],
  code: ["Python code", "Python 代码"],
  bypassed: ["bypassed", "已旁路"],
  share: [
    "{parameters} % of the parameters, {macs} % of the multiply-accumulates of this level",
    "占本层级参数的 {parameters}%、乘加运算的 {macs}%",
  ],
  inner: ["Something inside is wrong: open it to see", "内部有问题：打开查看"],
  rename: ["New name of {name}", "{name} 的新名称"],
} satisfies Record<string, Words>;

export interface LayerData extends Record<string, unknown> {
  node: DrawnNode;
  hue: string;
  share: Share;
  faults: readonly Fault[];
  /** the fault lies in what it opens */
  wrongInside: boolean;
  uses: number;
  direction: Direction;
  picture: string;
  /** some wire takes its tuple as a whole */
  whole: boolean;
  rename: (name: string) => void;
}

export type LayerFlowNode = Node<LayerData, "layer">;

/** A node on the sheet: drawn again only when something of it has changed. */
export const LayerNode = memo(({ id, data, selected }: NodeProps<LayerFlowNode>) => {
  const say = useSay();
  const lit = useDesk((desk) => desk.hovered === id);
  const marks = useContext(Marks);
  const { node, hue, faults, wrongInside, picture, uses } = data;
  const args = argsText(node.args);
  const inner = wrongInside && !faults.length && node.state !== "behind";
  const state = faults.length || inner ? "wrong" : node.state;
  const classes = ["draw-node", `hue-${hue}`, `kind-${node.kind}`, `is-${state}`];
  if (selected) classes.push("chosen");
  if (lit) classes.push("lit");
  if (node.bypass) classes.push("bypassed");
  if (faults.length) classes.push("badged");
  return (
    <>
      <Ports data={data} />
      <div className={classes.join(" ")} title={inner ? say(W.inner) : undefined}>
        <div className="draw-head">
          <span className="draw-type">{node.type}</span>
          <Signs node={node} uses={uses} />
          <Name id={id} data={data} />
        </div>
        {args && <div className="draw-args">{args}</div>}
        <div className="draw-foot">
          <span className="draw-shape">{node.outputs.join(", ")}</span>
          {node.parameters > 0 && <span>{counted(node.parameters)}</span>}
        </div>
        {node.note && <div className="draw-note">{node.note}</div>}
        {marks?.(node)}
        <Bars share={data.share} />
      </div>
      {faults.length > 0 && (
        <button
          type="button"
          tabIndex={-1}
          className="draw-badge nodrag"
          data-fault={id}
          aria-label={say(W.faults, { name: id })}
          onClick={() => useDesk.setState({ told: id })}
        >
          !
        </button>
      )}
      {picture && <img className={`draw-picture ${data.direction}`} src={picture} alt="" draggable={false} />}
    </>
  );
});

function Signs({ node, uses }: { node: DrawnNode; uses: number }) {
  const say = useSay();
  return (
    <span className="draw-signs">
      {node.repeat > 1 && <b>×{node.repeat}</b>}
      {node.kind === "module" && uses > node.repeat && (
        <span title={say(W.uses, { count: uses })}>
          <Sign name="copy" />
          {uses}
        </span>
      )}
      {node.kind === "code" && (
        <span title={say(W.code)}>
          <Sign name="code" />
        </span>
      )}
      {node.kind === "use" && (
        <span title={say(W.shared, { name: node.use })}>
          <Sign name="link" />
        </span>
      )}
      {node.bypass && <span className="draw-off">{say(W.bypassed)}</span>}
    </span>
  );
}

function Bars({ share }: { share: Share }) {
  const say = useSay();
  const percent = (part: number) => (100 * part).toFixed(part > 0 && part < 0.1 ? 1 : 0);
  if (!share.parameters && !share.macs) return null;
  const values = { parameters: percent(share.parameters), macs: percent(share.macs) };
  return (
    <div className="draw-bars" title={say(W.share, values)}>
      <i style={{ width: `${100 * share.parameters}%` }} />
      <i style={{ width: `${100 * share.macs}%` }} />
    </div>
  );
}

function Name({ id, data }: { id: string; data: LayerData }) {
  const say = useSay();
  const renaming = useDesk((desk) => desk.renaming === id);
  if (!renaming) return <span className="draw-name">{id}</span>;
  const close = () => useDesk.setState({ renaming: "" });
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key !== "Enter") return;
    const name = event.currentTarget.value.trim();
    close();
    if (name && name !== id) data.rename(name);
  };
  return (
    <input
      className="draw-rename nodrag"
      aria-label={say(W.rename, { name: id })}
      defaultValue={id}
      // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onBlur={close}
      onKeyDown={press}
    />
  );
}

/** Where wires come in and go out. */
function Ports({ data }: { data: LayerData }) {
  const { node, direction, whole } = data;
  const [into, out] = direction === "TB" ? [Position.Top, Position.Bottom] : [Position.Left, Position.Right];
  const outputs = node.outputs.length > 1 ? node.outputs.map((_, at) => `[${at}]`) : [""];
  const inputs: (Port | null)[] = node.grows ? [...node.inputs, null] : node.inputs;
  usePlacesOfPorts(node.name, `${inputs.length} ${outputs.length}`);
  return (
    <>
      {inputs.map((port, at) => (
        <Handle
          // biome-ignore lint/suspicious/noArrayIndexKey: an input is its number
          key={at}
          type="target"
          id={String(at)}
          position={into}
          style={spread(at, inputs.length, direction)}
          className={port === null ? "more" : port.needed && !port.source ? "missing" : ""}
          title={port ? `${port.name} ${port.shape}` : "+"}
        />
      ))}
      {outputs.map((output, at) => (
        <Handle
          key={output}
          type="source"
          id={output}
          position={out}
          style={spread(at, outputs.length, direction)}
          title={`${node.name}${output} ${node.outputs[at] ?? ""}`}
        />
      ))}
      {outputs.length > 1 && whole && (
        <Handle type="source" id="" position={out} isConnectable={false} className="whole" />
      )}
    </>
  );
}

/** Where there are more ports or fewer than before, wires end at their new places. */
function usePlacesOfPorts(name: string, ports: string): void {
  const measure = useUpdateNodeInternals();
  const before = useRef(ports);
  useEffect(() => {
    if (before.current === ports) return;
    before.current = ports;
    measure(name);
  }, [measure, name, ports]);
}

export function spread(at: number, of: number, direction: Direction) {
  if (of < 2) return undefined;
  return { [direction === "TB" ? "left" : "top"]: `${(100 * (at + 0.5)) / of}%` };
}
