import "./forms.css";
import { type KeyboardEvent, useMemo, useState } from "react";
import type { Level } from "../api/messages";
import { type Bench, openLevel, step } from "../canvas/bench";
import { Icon } from "../ui/Icon";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { Control } from "./Control";
import { FormContext, useForms } from "./context";
import { anyField } from "./nodes";
import { TextLine } from "./TextLine";

const W = {
  definition: ["Definition", "定义"],
  model: ["Model", "模型"],
  name: ["Name", "名称"],
  arguments: ["Arguments with defaults", "参数及默认值"],
  must: ["must be given", "必填"],
  add: ["new argument…", "新参数…"],
  inputs: ["Inputs", "输入"],
  addInput: ["new input…", "新输入…"],
  remove: ["Remove {name}", "移除 {name}"],
  uses: ["Used as", "使用位置"],
} satisfies Record<string, Words>;

/** A level as a whole, while no node is selected: what it is called with, its arguments, where it is used. */
export function DefinitionForm({ bench }: { bench: Bench }) {
  const say = useSay();
  const { level, drawing, readOnly } = bench;
  const desk = useMemo(
    () => ({
      parts: [],
      faults: drawing.faults,
      readOnly,
      edit: (edits: Parameters<typeof step>[1]) => step(bench, edits),
      undo: bench.sheet.undo,
    }),
    [drawing, readOnly, bench],
  );
  return (
    <FormContext value={desk}>
      <div className="form-node">
        <div className="form-named">
          <b className="form-type">{say(level.name ? W.definition : W.model)}</b>
          {level.name && (
            <TextLine
              label={say(W.name)}
              value={level.name}
              onSend={(name) => step(bench, [{ do: "name_module", module: level.name, name }])}
            />
          )}
        </div>
        {level.name && <Arguments bench={bench} level={level} />}
        <Inputs bench={bench} level={level} />
        {level.name && level.instances.length > 0 && (
          <>
            <h3>{say(W.uses)}</h3>
            <div className="form-acts">
              {level.instances.slice(0, 24).map((one) => (
                <button
                  key={one}
                  type="button"
                  className="mono"
                  aria-pressed={one === level.instance}
                  onClick={() => openLevel(level.name, one)}
                >
                  {one}
                </button>
              ))}
            </div>
          </>
        )}
      </div>
    </FormContext>
  );
}

interface Props {
  bench: Bench;
  level: Level;
}

function Arguments({ bench, level }: Props) {
  const say = useSay();
  const { readOnly } = useForms();
  const entries = Object.entries(level.arguments);
  const put = (next: [string, unknown][]) =>
    step(bench, [{ do: "arguments", module: level.name, arguments: Object.fromEntries(next) }]);
  return (
    <>
      <h3>{say(W.arguments)}</h3>
      {entries.map(([name, value]) => (
        <div key={name} className="form-row">
          <label className="written" htmlFor={`argument-${name}`}>
            {name}
          </label>
          <Control
            id={`argument-${name}`}
            field={{ ...anyField(name, null), expected: say(W.must) }}
            value={value ?? undefined}
            wrong={false}
            disabled={readOnly !== undefined}
            onChange={(next) => put(entries.map(([one, old]) => [one, one === name ? (next ?? null) : old]))}
          />
          <Remove name={name} onClick={() => put(entries.filter(([one]) => one !== name))} />
        </div>
      ))}
      <New
        label={say(W.add)}
        taken={Object.keys(level.arguments)}
        onAdd={(name) => put([...entries, [name, null]])}
      />
    </>
  );
}

function Inputs({ bench, level }: Props) {
  const say = useSay();
  const names = level.inputs.map((port) => port.name);
  const put = (next: string[], renamed: Record<string, string> = {}) =>
    step(bench, [{ do: "inputs", level: level.name, names: next, renamed }]);
  return (
    <>
      <h3>{say(W.inputs)}</h3>
      {level.inputs.map(({ name, shape }, at) => (
        <div key={name} className="form-row">
          <TextLine
            label={say(W.inputs)}
            value={name}
            onSend={(next) => put(names.with(at, next), { [name]: next })}
          />
          <span className="mono faint">{shape}</span>
          {names.length > 1 ? (
            <Remove name={name} onClick={() => put(names.filter((one) => one !== name))} />
          ) : (
            <span />
          )}
        </div>
      ))}
      <New label={say(W.addInput)} taken={names} onAdd={(name) => put([...names, name])} />
    </>
  );
}

function Remove({ name, onClick }: { name: string; onClick: () => void }) {
  const say = useSay();
  const { readOnly } = useForms();
  return (
    <button
      type="button"
      className="form-reset"
      disabled={readOnly !== undefined}
      {...tip(say(W.remove, { name }))}
      onClick={onClick}
    >
      <Icon name="close" />
    </button>
  );
}

function New({
  label,
  taken,
  onAdd,
}: {
  label: string;
  taken: readonly string[];
  onAdd: (name: string) => void;
}) {
  const { readOnly } = useForms();
  const [typed, setTyped] = useState("");
  const press = (event: KeyboardEvent) => {
    const name = typed.trim();
    if (event.key !== "Enter" || event.nativeEvent.isComposing || !name || taken.includes(name)) return;
    event.preventDefault();
    setTyped("");
    onAdd(name);
  };
  return (
    <div className="form-row">
      <span className="form-line">
        <input
          type="text"
          className="mono"
          aria-label={label}
          placeholder={label}
          value={typed}
          disabled={readOnly !== undefined}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={press}
        />
      </span>
    </div>
  );
}
