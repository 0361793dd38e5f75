import "./forms.css";
import { useMemo } from "react";
import type { DrawnNode, SetNode } from "../api/messages";
import { type Bench, openNode, step } from "../canvas/bench";
import { usePartForms } from "../canvas/useParts";
import { counted } from "../experiment/counts";
import { bytes } from "../ui/format";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { FormContext, formOf } from "./context";
import { DocsLink } from "./DocsLink";
import { FaultLines } from "./FaultLines";
import { Field } from "./Field";
import { NodeParameters } from "./NodeParameters";
import { anyField, definitionForm, foreseenNode, switching } from "./nodes";
import { PartFields } from "./PartFields";
import { PartName } from "./PartName";
import { below, valueAt } from "./places";
import { TextLine } from "./TextLine";

const W = {
  name: ["Name", "名称"],
  repeat: ["repeat", "repeat"],
  repeatHelp: ["so many in a row, each with its own weights", "串联的个数，各自独立权重"],
  note: ["note", "note"],
  noteHelp: ["what there is to say of it", "备注"],
  open: ["Open", "打开"],
  unique: ["Make unique", "设为独立"],
  uniqueHelp: ["a definition of its own, which others do not follow", "使用自己的定义，不再随其他节点变化"],
  used: ["used {count} times", "使用了 {count} 次"],
  shares: ["It calls the module of {name}: one set of weights.", "它调用 {name} 的模块，共用一组权重。"],
  bypassed: ["It is bypassed: its first input goes through.", "已旁路：第一个输入直接通过。"],
  on: ["Switch it on", "重新启用"],
  in: ["in", "输入"],
  out: ["out", "输出"],
  parameters: ["parameters", "参数"],
  trained: ["{count}, {trained} trained", "{count}，可训练 {trained}"],
  memory: ["memory", "内存"],
  place: ["in the text", "文本位置"],
} satisfies Record<string, Words>;

export const NODE_KINDS = ["layer", "operation", "tensor"] as const;

/** Everything of a node: name, class, arguments, and what it costs. */
export function NodeForm({ bench, drawn }: { bench: Bench; drawn: DrawnNode }) {
  const parts = usePartForms();
  const { drawing, readOnly, sheet, level } = bench;
  const desk = useMemo(
    () => ({
      parts,
      faults: drawing.faults,
      readOnly,
      edit: (edits: Parameters<typeof step>[1]) => step(bench, edits),
      undo: bench.sheet.undo,
    }),
    [parts, drawing, readOnly, bench],
  );
  const node = foreseenNode(drawn, level.name, sheet.unanswered());
  const edit = (change: Partial<SetNode>) =>
    step(bench, [{ do: "node", level: level.name, node: node.name, ...change }]);
  return (
    <FormContext value={desk}>
      <div className="form-node">
        <Head bench={bench} node={node} onEdit={edit} />
        <Arguments bench={bench} node={node} onEdit={edit} />
        <Facts node={node} />
        {node.parameters > 0 && valueAt(drawing.document, "data") !== undefined && (
          <NodeParameters bench={bench} node={node} />
        )}
      </div>
    </FormContext>
  );
}

interface PartProps {
  bench: Bench;
  node: DrawnNode;
  onEdit: (change: Partial<SetNode>) => void;
}

function Head({ bench, node, onEdit }: PartProps) {
  const say = useSay();
  const parts = usePartForms();
  const form = formOf(parts, NODE_KINDS, node.type);
  const plain = node.kind !== "module" && node.kind !== "code" && node.kind !== "use";
  const level = bench.level.name;
  const definition = bench.drawing.levels.find((one) => one.name && one.name === node.type);
  return (
    <>
      <div className="form-named">
        {plain ? (
          <PartName kinds={NODE_KINDS} name={node.type} onChoose={(next) => onEdit(switching(node, next))} />
        ) : (
          <b className="form-type">{node.type}</b>
        )}
        <TextLine
          label={say(W.name)}
          value={node.name}
          onSend={(name) => name && step(bench, [{ do: "rename", level, node: node.name, name }])}
        />
        {form?.link && <DocsLink href={form.link} />}
      </div>
      {form?.summary && (
        <p className="form-about">
          <Said text={form.summary} />
        </p>
      )}
      {node.use && <p className="form-about">{say(W.shares, { name: node.use })}</p>}
      {definition && (
        <div className="form-acts">
          <button type="button" onClick={() => openNode(bench, node.name)}>
            {say(W.open)}
          </button>
          {definition.instances.length > 1 && (
            <button
              type="button"
              data-tip={say(W.uniqueHelp)}
              disabled={bench.readOnly !== undefined}
              onClick={() => step(bench, [{ do: "unique", level, node: node.name }])}
            >
              {say(W.unique)}
            </button>
          )}
          {definition.instances.length > 1 && (
            <span className="faint">{say(W.used, { count: definition.instances.length })}</span>
          )}
        </div>
      )}
      {node.bypass && (
        <div className="form-acts">
          <span className="faint">{say(W.bypassed)}</span>
          <button
            type="button"
            disabled={bench.readOnly !== undefined}
            onClick={() => step(bench, [{ do: "bypass", level, nodes: [node.name], on: false }])}
          >
            {say(W.on)}
          </button>
        </div>
      )}
    </>
  );
}

function Arguments({ bench, node, onEdit }: PartProps) {
  const say = useSay();
  const parts = usePartForms();
  const { level, drawing } = bench;
  const definition = drawing.levels.find((one) => one.name && one.name === node.type);
  const form = definition ? definitionForm(definition) : formOf(parts, NODE_KINDS, node.type);
  const own = below(node.place, node.type || "_");
  const fields = form && !node.use ? form.fields : [];
  const faults = drawing.faults.filter((one) => one.level === level.name && one.node === node.name);
  const rest = faults.filter(({ field }) => !fields.some((one) => one.name === field));
  const set = (name: string, value: unknown) =>
    onEdit(value === undefined ? { unset: [name] } : { args: { [name]: value } });
  const repeat = { ...anyField("repeat", 1), kind: "int", low: 1, help: say(W.repeatHelp) };
  const note = { ...anyField("note", ""), kind: "text", help: say(W.noteHelp) };
  return (
    <>
      <FaultLines faults={rest} />
      {fields.length > 0 && form && (
        <PartFields
          form={{ ...form, fields }}
          args={node.args}
          inferred={node.inferred}
          place={own}
          onSet={set}
        />
      )}
      <div className="form-fields">
        {!node.use && (
          <Field
            field={repeat}
            value={node.repeat > 1 ? node.repeat : undefined}
            onChange={(value) => onEdit({ repeat: typeof value === "number" ? value : 1 })}
          />
        )}
        <Field
          field={note}
          value={node.note || undefined}
          onChange={(value) => onEdit({ note: String(value ?? "") })}
        />
      </div>
    </>
  );
}

function Facts({ node }: { node: DrawnNode }) {
  const say = useSay();
  const { parameters, trained, macs, memory, inputs, outputs } = node;
  const shapes = (all: readonly string[]) => all.map((shape) => shape || "?").join(", ");
  const rows: [string, string][] = [
    [say(W.in), shapes(inputs.map((port) => port.shape))],
    [say(W.out), shapes(outputs)],
    ...(parameters
      ? [
          [
            say(W.parameters),
            trained === parameters
              ? counted(parameters)
              : say(W.trained, { count: counted(parameters), trained: counted(trained) }),
          ] as [string, string],
        ]
      : []),
    ...(macs ? [["MAC", counted(macs)] as [string, string]] : []),
    ...(memory ? [[say(W.memory), bytes(memory)] as [string, string]] : []),
    [say(W.place), node.place],
  ];
  return (
    <dl>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt className="faint">{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
