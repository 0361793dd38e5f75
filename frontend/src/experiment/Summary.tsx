import type { Checked, CheckedLayer } from "../api/messages";
import { Said, useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { counted } from "./counts";
import type { Checking } from "./useChecked";

const W = {
  summary: ["What it describes", "文档内容概要"],
  layers: ["Layers", "网络层"],
  layer: ["Layer", "层"],
  output: ["Output", "输出"],
  parameters: ["Param.", "参数"],
  macs: ["MAC", "MAC"],
  notes: ["Notes", "说明"],
  wait: ["The first check loads torch, about 3 s.", "首次检查需要加载 torch，约 3 秒。"],
  old: ["As it was before the problems:", "以下是出现问题之前的内容："],
  broken: [
    "When the problems are solved, shapes, parameters and cost stand here.",
    "解决问题后，这里会显示形状、参数量和计算量。",
  ],
} satisfies Record<string, Words>;

/** The names of facts, which are single words: too short to be known as sentences. */
const FACTS: Record<string, Words> = {
  parameters: ["parameters", "参数量"],
  trained: ["trained", "可训练"],
  batch: ["batch", "批大小"],
  classes: ["classes", "类别数"],
  input: ["input", "输入"],
};

function isEmpty(checked: Checked): boolean {
  return checked.facts.length === 0 && checked.layers.length === 0;
}

/** What a checked document describes: facts, layers with shapes and cost, notes. */
export function Summary({ checking }: { checking: Checking }) {
  const say = useSay();
  const said = useSaid();
  const { checked: now, whole } = checking;
  const checked = now && isEmpty(now) ? whole : now;
  return (
    <aside className={now === checked ? "edit-summary" : "edit-summary old"} aria-label={say(W.summary)}>
      {!now && <p className="faint">{said(checking.refused) || say(W.wait)}</p>}
      {now && isEmpty(now) && <p className="faint">{say(whole ? W.old : W.broken)}</p>}
      {checked && checked.facts.length > 0 && (
        <dl>
          {checked.facts.map(([name, value]) => (
            <div key={name}>
              <dt>{FACTS[name] ? say(FACTS[name]) : said(name)}</dt>
              <dd>{said(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {checked && checked.layers.length > 0 && <Layers layers={checked.layers} />}
      {checked && checked.notes.length > 0 && (
        <>
          <h2>{say(W.notes)}</h2>
          <ul className="edit-notes">
            {checked.notes.map((note) => (
              <li key={note}>{said(note)}</li>
            ))}
          </ul>
        </>
      )}
    </aside>
  );
}

function Layers({ layers }: { layers: CheckedLayer[] }) {
  const say = useSay();
  return (
    <table aria-label={say(W.layers)}>
      <thead>
        <tr>
          <th scope="col">{say(W.layer)}</th>
          <th scope="col">{say(W.output)}</th>
          <th scope="col" className="number">
            {say(W.parameters)}
          </th>
          <th scope="col" className="number">
            {say(W.macs)}
          </th>
        </tr>
      </thead>
      <tbody>
        {layers.map((layer, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
          <tr key={place}>
            <th scope="row" style={{ paddingLeft: 4 + 10 * layer.depth }}>
              <span className="faint">{layer.name}</span> {layer.type}
            </th>
            <td className="mono">
              <Said text={layer.output} />
            </td>
            <td className="number">{layer.parameters ? counted(layer.parameters) : ""}</td>
            <td className="number">{layer.macs ? counted(layer.macs) : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
