import { useState } from "react";
import type { DrawnNode, ParametersView, ParameterView } from "../api/messages";
import { type Bench, step } from "../canvas/bench";
import { useSay, type Words } from "../ui/words";
import { NestedPart } from "./NestedPart";
import { foreseen, valueAt } from "./places";
import { begun, changed, common, freezer, frozen, type Rule, rulesOf } from "./rules";
import { useAnswer } from "./useAnswer";

const W = {
  title: ["Training of its parameters", "参数的训练与初始化"],
  all: ["all of them", "全部"],
  train: ["train {name}", "训练 {name}"],
  by: ["frozen by rule {rule}; change it in Training", "由规则 {rule} 冻结，请在“训练设置”中修改"],
  usual: ["as usual", "默认初始化"],
  tie: ["tie {name} to", "将 {name} 绑定到"],
  own: ["not tied", "不绑定"],
} satisfies Record<string, Words>;

/** The parameters of a node: which are trained, how they begin, with which they are one. Each becomes a rule for its name. */
export function NodeParameters({ bench, node }: { bench: Bench; node: DrawnNode }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  return (
    <details className="form-params" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say(W.title)}</summary>
      {open && <Rows bench={bench} node={node} />}
    </details>
  );
}

function Rows({ bench, node }: { bench: Bench; node: DrawnNode }) {
  const { drawing, level, path, sheet } = bench;
  const { value } = useAnswer<ParametersView>("parameters", { text: drawing.text, path });
  const full = level.instance ? `${level.instance}.${node.name}` : node.name;
  const document = foreseen(drawing.document, sheet.unanswered());
  const rules = rulesOf(valueAt(document, "parameters"));
  const put = (next: readonly Rule[]) => {
    if (next.length) step(bench, [{ do: "set", path: "parameters", value: next }]);
    else if (rules.length) step(bench, [{ do: "unset", path: "parameters" }]);
  };
  const all = value?.parameters ?? [];
  const own = all.filter((one) => one.node === full || one.node.startsWith(`${full}.`));
  if (!value) return <p className="faint">…</p>;
  return (
    <ul>
      {own.length > 1 && <All own={own} match={`${full}.*`} rules={rules} bench={bench} onPut={put} />}
      {own.map((one) => (
        <Row
          key={one.name}
          one={one}
          alike={node.kind === "module" ? [] : alikeOf(one, all)}
          rules={rules}
          bench={bench}
          onPut={put}
          prefix={full}
        />
      ))}
    </ul>
  );
}

function alikeOf(one: ParameterView, all: readonly ParameterView[]): ParameterView[] {
  return all.filter(
    ({ name, tied, shape }) => name !== one.name && !tied && shape.join() === one.shape.join(),
  );
}

interface AllProps {
  own: readonly ParameterView[];
  match: string;
  rules: readonly Rule[];
  bench: Bench;
  onPut: (rules: readonly Rule[]) => void;
}

/** One tick for all of them. */
function All({ own, match, rules, bench, onPut }: AllProps) {
  const say = useSay();
  const trained = common(own.map((one) => one.trained));
  const by = Math.max(...own.map((one) => (one.trained ? -1 : freezer(rules, one, match))));
  return (
    <li>
      <label data-tip={by >= 0 ? say(W.by, { rule: by + 1 }) : undefined}>
        <input
          ref={(box) => {
            if (box) box.indeterminate = trained === null;
          }}
          type="checkbox"
          className="form-tick"
          checked={trained === true}
          disabled={bench.readOnly !== undefined || (by >= 0 && trained === false)}
          onChange={(event) =>
            onPut(changed(rules, match, (rule) => frozen(rule, !event.currentTarget.checked)))
          }
        />
        {say(W.all)}
      </label>
    </li>
  );
}

interface RowProps {
  one: ParameterView;
  /** those that it could be one with */
  alike: readonly ParameterView[];
  rules: readonly Rule[];
  bench: Bench;
  prefix: string;
  onPut: (rules: readonly Rule[]) => void;
}

function Row({ one, alike, rules, bench, prefix, onPut }: RowProps) {
  const say = useSay();
  const { name, tied } = one;
  const by = one.trained ? -1 : freezer(rules, one, name);
  const disabled = bench.readOnly !== undefined;
  const init = rules.find((rule) => rule.match === name)?.init;
  return (
    <li>
      <label data-tip={by >= 0 ? say(W.by, { rule: by + 1 }) : say(W.train, { name })}>
        <input
          type="checkbox"
          className="form-tick"
          checked={one.trained}
          disabled={disabled || by >= 0}
          onChange={(event) =>
            onPut(changed(rules, name, (rule) => frozen(rule, !event.currentTarget.checked)))
          }
        />
        <span className="mono">{name.slice(prefix.length + 1) || name}</span>
        <span className="faint mono">{one.shape.join("×")}</span>
      </label>
      <NestedPart
        kinds={["initializer"]}
        value={init}
        optional
        empty={one.init || say(W.usual)}
        onChange={(next) => onPut(changed(rules, name, (rule) => begun(rule, next)))}
      />
      {(alike.length > 0 || tied) && (
        <select
          className={tied ? "form-select" : "form-select unset"}
          aria-label={say(W.tie, { name })}
          value={tied}
          disabled={disabled}
          onChange={(event) =>
            step(bench, [{ do: "tie", parameter: name, to: event.currentTarget.value || null }])
          }
        >
          <option value="">{say(W.own)}</option>
          {[...(tied ? [tied] : []), ...alike.map((other) => other.name)].map((other) => (
            <option key={other} value={other}>
              = {other}
            </option>
          ))}
        </select>
      )}
    </li>
  );
}
