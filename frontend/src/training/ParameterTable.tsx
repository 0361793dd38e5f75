import { useEffect, useMemo, useState } from "react";
import { Control } from "../forms/Control";
import { useForms } from "../forms/context";
import { changed, common, freezer, frozen, type Line, setting, treeOf, typesOf } from "../forms/rules";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { plainField } from "./plainField";
import type { RulesProps } from "./RuleList";

const W = {
  name: ["Name", "名称"],
  shape: ["Shape", "形状"],
  count: ["Count", "数量"],
  trained: ["Trained", "训练"],
  init: ["Initialisation", "初始化"],
  rules: ["Rules", "规则"],
  freeze: ["train {name}", "训练 {name}"],
  frozenBy: ["frozen by rule {rule}; change it there", "由规则 {rule} 冻结，请在那里修改"],
  tied: ["the same as {name}", "与 {name} 相同"],
  mixed: ["various", "不一"],
  open: ["What is in {name}", "{name} 的内容"],
} satisfies Record<string, Words>;

const SETTINGS = ["lr", "weight_decay"] as const;
/** With more lines than this, nodes begin folded. */
const MANY = 60;

/** Parameters as a tree by node: what is ticked is trained, what is typed becomes a rule for exactly that line. */
export function ParameterTable(props: RulesProps) {
  const { settings, rules, parameters, lit } = props;
  const say = useSay();
  const lines = useMemo(() => treeOf(parameters), [parameters]);
  const types = useMemo(() => typesOf(settings.drawing.levels), [settings.drawing]);
  const [flipped, setFlipped] = useState<ReadonlySet<string>>(new Set());
  const isOpen = (name: string) => flipped.has(name) !== lines.length <= MANY;
  const flip = (name: string) => {
    const next = new Set(flipped);
    if (!next.delete(name)) next.add(name);
    setFlipped(next);
  };
  const shown = lines.filter(({ around }) => around.every(isOpen));
  return (
    <table className="train-table">
      <thead>
        <tr>
          <th scope="col">{say(W.trained)}</th>
          <th scope="col">{say(W.name)}</th>
          <th scope="col">{say(W.shape)}</th>
          <th scope="col" className="number">
            {say(W.count)}
          </th>
          {SETTINGS.map((name) => (
            <th key={name} scope="col" className="mono">
              {name}
            </th>
          ))}
          <th scope="col">{say(W.init)}</th>
          <th scope="col">{say(W.rules)}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((line) => (
          <Row
            key={line.match}
            {...props}
            line={line}
            type={line.leaf ? "" : (types.get(line.name) ?? "")}
            open={line.leaf ? null : isOpen(line.name)}
            onFlip={() => flip(line.name)}
            bright={lit !== null && line.parameters.some((one) => one.rules.includes(lit))}
            rules={rules}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps extends RulesProps {
  line: Line;
  /** of the node */
  type: string;
  /** null: there is nothing in it */
  open: boolean | null;
  bright: boolean;
  onFlip: () => void;
}

function Row({ line, type, open, bright, onFlip, rules, onPut, onLight }: RowProps) {
  const say = useSay();
  const { readOnly } = useForms();
  const { leaf, match, parameters } = line;
  const [wanted, setWanted] = useState<boolean | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was clicked holds until the answer is there
  useEffect(() => setWanted(null), [parameters]);
  const trained = wanted ?? common(parameters.map((one) => one.trained));
  const by = Math.max(...parameters.map((one) => (one.trained ? -1 : freezer(rules, one, match))));
  const own = rules.find((rule) => rule.match === match);
  const disabled = readOnly !== undefined || Boolean(leaf?.tied);
  const numbers = [...new Set(parameters.flatMap((one) => one.rules))].sort((a, b) => a - b);
  const change = (how: Parameters<typeof changed>[2]) => onPut(changed(rules, match, how));
  return (
    <tr className={[bright ? "lit" : "", trained === false ? "frozen" : "", leaf ? "" : "node"].join(" ")}>
      <td>
        <input
          ref={(box) => {
            if (box) box.indeterminate = trained === null;
          }}
          type="checkbox"
          className="form-tick"
          aria-label={say(W.freeze, { name: line.name })}
          data-tip={by >= 0 && trained !== true ? say(W.frozenBy, { rule: by + 1 }) : undefined}
          checked={trained === true}
          disabled={disabled || (by >= 0 && trained === false && wanted === null)}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            setWanted(checked);
            change((rule) => frozen(rule, !checked));
          }}
        />
      </td>
      <th scope="row" style={{ paddingLeft: 14 * line.depth }}>
        {open === null ? (
          <span className="train-leaf">{line.label}</span>
        ) : (
          <button
            type="button"
            aria-expanded={open}
            aria-label={say(W.open, { name: line.name })}
            onClick={onFlip}
          >
            <span aria-hidden>{open ? "▾" : "▸"}</span> {line.label}{" "}
            <span className="train-type">{type}</span>
          </button>
        )}
      </th>
      <td className="mono">{leaf ? leaf.shape.join("×") || "1" : ""}</td>
      <td className="number">
        {number(parameters.reduce((sum, one) => sum + (one.tied ? 0 : one.count), 0))}
      </td>
      {SETTINGS.map((name) => {
        const now = common(parameters.filter((one) => one.trained).map((one) => one.settings[name]));
        return (
          <td key={name} className="train-cell">
            <Control
              id={`${match}-${name}`}
              field={plainField(`${line.name} ${name}`, "float")}
              value={own?.set?.[name]}
              inferred={
                trained === false
                  ? ""
                  : (now ?? (parameters.some((one) => one.settings[name] !== undefined) ? say(W.mixed) : ""))
              }
              wrong={false}
              disabled={disabled || trained === false}
              onChange={(value) => change((rule) => setting(rule, name, value))}
            />
          </td>
        );
      })}
      <td className="train-text">
        {leaf?.tied
          ? say(W.tied, { name: leaf.tied })
          : common(parameters.map((one) => one.init))?.replace(/\(\)$/, "")}
      </td>
      <td>
        {numbers.map((rule) => (
          <button
            key={rule}
            type="button"
            className="train-rule"
            onPointerEnter={() => onLight(rule)}
            onPointerLeave={() => onLight(null)}
            onClick={() => document.querySelector<HTMLElement>(`#rule-${rule} input`)?.focus()}
          >
            {rule + 1}
          </button>
        ))}
      </td>
    </tr>
  );
}
