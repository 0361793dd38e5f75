import { type KeyboardEvent, useState } from "react";
import type { ParameterView } from "../api/messages";
import { Control } from "../forms/Control";
import { useForms } from "../forms/context";
import { FaultLines } from "../forms/FaultLines";
import { NestedPart } from "../forms/NestedPart";
import { moved } from "../forms/parts";
import { faultsAt } from "../forms/places";
import { begun, frozen, matched, type Rule, setting } from "../forms/rules";
import type { Settings } from "../forms/useSettings";
import { textOf, valueTyped } from "../forms/values";
import { Icon } from "../ui/Icon";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { plainField } from "./plainField";

const W = {
  rules: ["Rules, later ones win", "规则（后面的优先）"],
  add: ["Add a rule", "添加规则"],
  pattern: ["Pattern of names", "名称模式"],
  count: ["{count} parameters", "{count} 个参数"],
  one: ["{count} parameter", "{count} 个参数"],
  none: ["nothing matches", "没有匹配"],
  freeze: ["frozen", "冻结"],
  init: ["init", "初始化"],
  optimizer: ["own optimizer", "单独的优化器"],
  unset: ["as usual", "默认"],
  up: ["Earlier", "上移"],
  down: ["Later", "下移"],
  remove: ["Remove this rule", "移除此规则"],
} satisfies Record<string, Words>;

export interface RulesProps {
  settings: Settings;
  rules: readonly Rule[];
  parameters: readonly ParameterView[];
  /** the rule whose parameters are shown */
  lit: number | null;
  onLight: (rule: number | null) => void;
  onPut: (rules: readonly Rule[]) => void;
}

/** Settings of the optimizer that a rule shows always. */
const SETTINGS = ["lr", "weight_decay"];

/** The rules of `parameters:` in their order: what each matches, and what it says. */
export function RuleList({
  settings,
  rules,
  parameters,
  busy,
  lit,
  onLight,
  onPut,
}: RulesProps & { busy: boolean }) {
  const say = useSay();
  const counts = matched(parameters, rules.length);
  const add = () => onPut([...rules, { match: "*.bias", set: { weight_decay: 0 } }]);
  return (
    <div className="train-rules">
      {rules.length > 0 && <div className="faint">{say(W.rules)}</div>}
      <ol>
        {rules.map((rule, at) => (
          <RuleRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place
            key={at}
            at={at}
            rule={rule}
            settings={settings}
            count={busy ? null : (counts[at] ?? 0)}
            last={at === rules.length - 1}
            lit={lit === at}
            onLight={(on) => onLight(on ? at : null)}
            onPut={(next) => onPut(rules.with(at, next))}
            onMove={(by) => onPut(moved(rules, at, at + by))}
            onRemove={() => onPut(rules.filter((_, place) => place !== at))}
          />
        ))}
      </ol>
      <button type="button" className="form-more" disabled={settings.readOnly !== undefined} onClick={add}>
        {say(W.add)}
      </button>
    </div>
  );
}

interface RowProps {
  at: number;
  rule: Rule;
  settings: Settings;
  /** parameters that it matches; null: not known yet */
  count: number | null;
  last: boolean;
  lit: boolean;
  onLight: (on: boolean) => void;
  onPut: (rule: Rule) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
}

function RuleRow({ at, rule, settings, count, last, lit, onLight, onPut, onMove, onRemove }: RowProps) {
  const say = useSay();
  const { readOnly } = useForms();
  const disabled = readOnly !== undefined;
  const names = [...SETTINGS, ...Object.keys(rule.set ?? {}).filter((name) => !SETTINGS.includes(name))];
  const words = count === 0 ? W.none : count === 1 ? W.one : W.count;
  return (
    <li
      id={`rule-${at}`}
      className={lit ? "lit" : undefined}
      onPointerEnter={() => onLight(true)}
      onPointerLeave={() => onLight(false)}
      onFocus={() => onLight(true)}
    >
      <span className="train-number">{at + 1}</span>
      <Pattern rule={rule} label={say(W.pattern)} disabled={disabled} onPut={onPut} />
      <span className={count === 0 ? "train-count bad" : "train-count"}>
        {count === null ? "…" : say(words, { count })}
      </span>
      <label>
        <input
          type="checkbox"
          className="form-tick"
          checked={rule.freeze === true}
          disabled={disabled}
          onChange={(event) => onPut(frozen(rule, event.currentTarget.checked))}
        />
        {say(W.freeze)}
      </label>
      {names.map((name) => (
        <label key={name} className="train-set" htmlFor={`rule-${at}-${name}`}>
          <span className="mono">{name}</span>
          <Control
            id={`rule-${at}-${name}`}
            field={{ ...NUMBER, name }}
            value={rule.set?.[name]}
            wrong={false}
            disabled={disabled}
            onChange={(value) => onPut(setting(rule, name, value))}
          />
        </label>
      ))}
      <span className="train-init">
        <span>{say(W.init)}</span>
        <NestedPart
          kinds={["initializer"]}
          value={rule.init}
          optional
          onChange={(value) => onPut(begun(rule, value))}
        />
      </span>
      {rule.optimizer !== undefined && (
        <span className="train-init">
          <span>{say(W.optimizer)}</span>
          <NestedPart
            kinds={["optimizer"]}
            value={rule.optimizer}
            optional
            onChange={(value) => {
              const { optimizer: _, ...rest } = rule;
              onPut(value === undefined ? rest : { ...rest, optimizer: value });
            }}
          />
        </span>
      )}
      <span className="train-acts">
        {(
          [
            ["up", W.up, () => onMove(-1), at === 0],
            ["down", W.down, () => onMove(1), last],
            ["close", W.remove, onRemove, false],
          ] as const
        ).map(([icon, label, act, barred]) => (
          <button
            key={icon}
            type="button"
            className="form-reset"
            {...tip(say(label))}
            disabled={disabled || barred}
            onClick={act}
          >
            <Icon name={icon} />
          </button>
        ))}
      </span>
      <FaultLines faults={faultsAt(settings.faults, `parameters[${at}]`, true)} />
    </li>
  );
}

const NUMBER = plainField("", "float");

function Pattern({
  rule,
  label,
  disabled,
  onPut,
}: {
  rule: Rule;
  label: string;
  disabled: boolean;
  onPut: (rule: Rule) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const send = () => {
    const next = valueTyped(typed ?? "", "text");
    if (typed !== null && next !== undefined && next !== rule.match) onPut({ ...rule, match: String(next) });
    setTyped(null);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") send();
    else if (event.key === "Escape") setTyped(null);
  };
  return (
    <span className="form-line train-pattern">
      <input
        type="text"
        className="mono"
        aria-label={label}
        value={typed ?? textOf(rule.match)}
        spellCheck={false}
        disabled={disabled}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={send}
        onKeyDown={press}
      />
    </span>
  );
}
