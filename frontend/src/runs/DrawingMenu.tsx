import { useMemo } from "react";
import { ramp } from "../ui/colors";
import { number } from "../ui/format";
import { setParams } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { differing, numberOf, shortLabel } from "./fields";
import { extent, SEEDS } from "./groups";
import type { Runs } from "./state";

const W = {
  group: ["Group", "分组"],
  noGroups: ["each run", "不分组"],
  seeds: ["all but the seed", "除随机种子外的设置"],
  color: ["Colour", "颜色"],
  byRun: ["by run", "按运行"],
  settings: ["Settings", "设置"],
  metrics: ["Metrics", "指标"],
} satisfies Record<string, Words>;

/** How runs are drawn: put together as groups with a band, and coloured by something they have. */
export function DrawingMenu({ runs }: { runs: Runs }) {
  const say = useSay();
  const settings = useMemo(() => differing(runs.shown), [runs.shown]);
  const known = [...new Set([...runs.by.filter((path) => path !== SEEDS), ...settings])];
  const chosen =
    runs.by.length === 1 && runs.by[0] === SEEDS
      ? say(W.seeds)
      : runs.by.map((path) => shortLabel(path, known)).join(", ");
  return (
    <div className="runs-drawing">
      <label>
        {say(W.group)}
        <select
          value="now"
          onChange={(event) => setParams({ group: regrouped(runs.by, event.currentTarget.value) }, false)}
        >
          <option value="now" hidden>
            {chosen || say(W.noGroups)}
          </option>
          <option value="">{say(W.noGroups)}</option>
          <option value={SEEDS}>{say(W.seeds)}</option>
          <optgroup label={say(W.settings)}>
            {known.map((path) => (
              <option key={path} value={`set:${path}`} title={path}>
                {runs.by.includes(path) ? "✓ " : ""}
                {shortLabel(path, known)}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label>
        {say(W.color)}
        <select
          value={runs.colorBy}
          onChange={(event) => setParams({ color: event.currentTarget.value || null }, false)}
        >
          <option value="">{say(W.byRun)}</option>
          <optgroup label={say(W.settings)}>
            {settings.map((path) => (
              <option key={path} value={`set:${path}`}>
                {shortLabel(path, settings)}
              </option>
            ))}
          </optgroup>
          <optgroup label={say(W.metrics)}>
            {runs.metrics.map((tag) => (
              <option key={tag} value={`last:${tag}`}>
                {tag}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <Ramp runs={runs} />
    </div>
  );
}

/** The ends of the colours, where they stand for numbers. */
function Ramp({ runs }: { runs: Runs }) {
  const numbers = runs.colorBy
    ? runs.shown.map((run) => numberOf(run, runs.colorBy)).filter(Number.isFinite)
    : [];
  if (new Set(numbers).size < 2) return null;
  const [low, high] = extent(numbers);
  return (
    <span className="runs-ramp">
      {number(low)}
      <span style={{ background: `linear-gradient(90deg, ${[0, 0.5, 1].map(ramp).join(", ")})` }} />
      {number(high)}
    </span>
  );
}

/** What groups after a choice: a setting is added, or taken away when it was there. */
function regrouped(by: readonly string[], choice: string): string[] {
  if (!choice.startsWith("set:")) return choice ? [choice] : [];
  const path = choice.slice(4);
  const settings = by.filter((other) => other !== SEEDS);
  return settings.includes(path) ? settings.filter((other) => other !== path) : [...settings, path];
}
