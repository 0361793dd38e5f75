import { Button } from "@mantine/core";
import { useEffect } from "react";
import { send } from "../api/client";
import type { Import, ImportProof } from "../api/messages";
import { duration } from "../ui/format";
import { tellError } from "../ui/notices";
import { setParams } from "../ui/route";
import { Said } from "../ui/said";
import { inRow, useSay, type Words } from "../ui/words";
import { NEW, PARAM, show } from "./ImportDialog";
import { differ, useImport } from "./importing";

const W = {
  running: ["Importing {title}", "正在导入 {title}"],
  loading: ["Python and the module are loaded", "加载 Python 与模块"],
  recording: ["The module runs at two sizes, and is recorded", "以两种尺寸运行并记录该模块"],
  rebuilding: ["It is rebuilt from nodes", "用节点重建"],
  comparing: ["Both are compared, in outputs and a training step", "比较两者的输出与一次训练步"],
  time: ["{seconds}; it may take {limit} at most", "已用 {seconds}，最多 {limit}"],
  stop: ["Stop", "停止"],
  stopped: ["Stopped; nothing of it is kept.", "已停止，未保留任何内容。"],
  again: ["Back", "返回"],
  made: ["{title} is now {path}", "{title} 已导入为 {path}"],
  withWeights: ["with its weights in {weights}", "权重保存在 {weights}"],
  proved: ["Proved", "已验证"],
  same: ["Proved equal, nothing to edit", "已验证相等，但无可编辑之处"],
  closed: [
    "All of it stays code, in one node: the drawing has no layers. The reason stands below.",
    "全部保留为代码，只有一个节点：图中没有层。原因见下。",
  ],
  unproved: ["Not proved", "未能验证"],
  outputs: [
    "Outputs differ by at most {value}, tried with {sizes}.",
    "输出最大差异 {value}，测试尺寸 {sizes}。",
  ],
  step: ["Gradients of a training step differ by {value}.", "一次训练步的梯度差异 {value}。"],
  read: ["Read back from the script, nothing was run.", "已从脚本读回，未运行任何代码。"],
  class: ["Class", "类"],
  instances: ["Instances", "实例数"],
  way: ["Became", "转换为"],
  native: ["nodes", "节点"],
  recorded: ["nodes, one way through it", "节点（记录的一条路径）"],
  code: ["stays code", "保留为代码"],
  taken: ["taken", "已采纳"],
  lost: ["not taken", "未采纳"],
  canvas: ["Show it on the canvas", "在画布上查看"],
} satisfies Record<string, Words>;

/** An import while it runs, and what came of it. */
export function Report({ id, onClose }: { id: string; onClose: () => void }) {
  const say = useSay();
  const { told, refused } = useImport(id);
  useEffect(() => {
    if (told?.state === "done") show(told);
  }, [told]);
  const again = () => setParams({ [PARAM]: NEW });
  if (refused || told?.state === "failed" || told?.state === "stopped")
    return (
      <div className="bring-view">
        <p role="alert" className={told?.state === "stopped" ? "faint" : "bring-bad"}>
          {told?.state === "stopped" ? say(W.stopped) : <Said text={refused || told?.error || ""} />}
        </p>
        <Button onClick={again}>{say(W.again)}</Button>
      </div>
    );
  if (!told) return <div className="bring-view" />;
  if (told.state === "running") return <Running told={told} />;
  return (
    <div className="bring-view">
      <p>
        {say(W.made, { title: told.title, path: told.path })}
        {told.weights ? `, ${say(W.withWeights, { weights: told.weights })}` : ""}
      </p>
      {told.proof ? (
        <Seal proof={told.proof} editable={told.editable > 0} />
      ) : (
        <p className="bring-seal">✓ {say(W.read)}</p>
      )}
      {told.classes.length > 0 && <Classes told={told} />}
      <Notes told={told} />
      <Button variant="filled" data-autofocus onClick={onClose}>
        {say(W.canvas)}
      </Button>
    </div>
  );
}

function Running({ told }: { told: Import }) {
  const say = useSay();
  const stop = () => send("DELETE", "import", undefined, { id: told.id }).catch(tellError);
  const values = { seconds: duration(Math.floor(told.seconds)), limit: duration(told.limit) };
  return (
    <div className="bring-view" aria-live="polite">
      <p>{say(W.running, { title: told.title })}</p>
      <Stages now={told.stage} />
      <progress aria-label={told.title} />
      <p className="faint">{say(W.time, values)}</p>
      <Button onClick={stop}>{say(W.stop)}</Button>
    </div>
  );
}

const STAGES = ["loading", "recording", "rebuilding", "comparing"] as const;

/** What is done, what is being done, and what will be. */
function Stages({ now }: { now: Import["stage"] }) {
  const say = useSay();
  const at = STAGES.indexOf(now);
  return (
    <ol className="bring-stages">
      {STAGES.map((stage, place) => (
        <li key={stage} aria-current={place === at ? "step" : undefined} className={place < at ? "done" : ""}>
          {say(W[stage])}
        </li>
      ))}
    </ol>
  );
}

/** A network that stays code is no success of the green kind: it is the same, but there is nothing to draw. */
function Seal({ proof, editable }: { proof: ImportProof; editable: boolean }) {
  const say = useSay();
  const facts = [
    proof.outputs !== null && say(W.outputs, { value: differ(proof.outputs), sizes: proof.sizes.join(", ") }),
    proof.step !== null && say(W.step, { value: differ(proof.step) }),
  ];
  return (
    <div className={`bring-seal ${proof.holds ? (editable ? "" : "code") : "open"}`}>
      <b>
        {proof.holds ? (editable ? "✓" : "=") : "!"}{" "}
        {say(proof.holds ? (editable ? W.proved : W.same) : W.unproved)}
      </b>
      <div>
        {!editable && <p>{say(W.closed)}</p>}
        {inRow(facts)}
        {[proof.problem, proof.limit, proof.apart].filter(Boolean).map((words) => (
          <p key={words}>
            <Said text={words} />
          </p>
        ))}
      </div>
    </div>
  );
}

function Classes({ told }: { told: Import }) {
  const say = useSay();
  return (
    <table className="bring-classes">
      <thead>
        <tr>
          <th>{say(W.class)}</th>
          <th className="number">{say(W.instances)}</th>
          <th>{say(W.way)}</th>
        </tr>
      </thead>
      <tbody>
        {told.classes.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            <td className="number">{one.instances}</td>
            <td>
              <span className={`bring-way ${one.way}`}>{say(W[one.way])}</span>
              {[...one.frozen, one.reason].filter(Boolean).map((words) => (
                <p key={words} className="faint">
                  <Said text={words} />
                </p>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Notes({ told }: { told: Import }) {
  const say = useSay();
  const rows: [string, string][] = [
    ...told.notes.map((words): [string, string] => ["", words]),
    ...told.taken.map((words): [string, string] => [say(W.taken), words]),
    ...told.lost.map((words): [string, string] => [say(W.lost), words]),
  ];
  if (!rows.length) return null;
  return (
    <ul className="bring-notes">
      {rows.map(([kind, words]) => (
        <li key={kind + words}>
          {kind && <b>{kind}: </b>}
          <Said text={words} />
        </li>
      ))}
    </ul>
  );
}
