import { useEffect, useMemo, useState } from "react";
import { get, RefusedError } from "../api/client";
import type { Difference, Run } from "../api/messages";
import { measure } from "../ui/format";
import { Link } from "../ui/Link";
import { useParam } from "../ui/route";
import { Segments } from "../ui/Segments";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { qualityMetrics, said, settingsOf, settingTexts } from "./fields";
import { useLabels } from "./labels";
import { RunName } from "./RunName";
import { openRun } from "./RunsList";
import { type Runs, useStable } from "./state";
import "./differences.css";

const W = {
  name: ["Name", "名称"],
  settings: ["Settings", "设置"],
  metrics: ["Metrics", "指标"],
  surroundings: ["Environment", "运行环境"],
  differing: ["What differs", "仅看差异"],
  all: ["All", "全部"],
  rows: ["Rows", "显示的行"],
  same: ["These runs have the same settings.", "这些运行的设置完全相同。"],
  one: [
    "Check two or more runs at the left to compare their settings.",
    "在左侧勾选两个或更多运行以比较其设置。",
  ],
  words: ["From {a} to {b}, in words", "从 {a} 到 {b} 的变化"],
  equal: ["The documents are the same.", "两份实验文件相同。"],
  many: [
    "The first {count} of {all} checked runs are compared.",
    "已勾选 {all} 个运行，只比较前 {count} 个。",
  ],
} satisfies Record<string, Words>;

const MOST = 24;

/** The settings and environments of the checked runs side by side; of two runs the difference in words. */
export function DifferencesView({ runs }: { runs: Runs }) {
  const say = useSay();
  const picked = runs.picked.slice(0, MOST);
  const [rows, setRows] = useParam("rows", "differing");
  const surroundings = useEnvironments(picked);
  const all = rows === "all";
  const settings = useMemo(() => tableOf(picked, settingsOf(picked), settingTexts, all), [picked, all]);
  const others = useMemo(() => {
    const texts = (run: Run) => surroundings.get(run.id) ?? new Map<string, string>();
    return tableOf(picked, [...new Set(picked.flatMap((run) => [...texts(run).keys()]))], texts, all);
  }, [picked, surroundings, all]);
  const metrics = tableOf(picked, qualityMetrics(picked), metricTexts, all);
  if (picked.length < 2 && !all) return <p className="faint runs-empty">{say(W.one)}</p>;
  return (
    <div className="runs-differences">
      <Segments
        label={say(W.rows)}
        value={rows}
        onChange={setRows}
        data={[
          { value: "differing", label: say(W.differing) },
          { value: "all", label: say(W.all) },
        ]}
      />
      {runs.picked.length > MOST && (
        <span className="faint"> {say(W.many, { count: MOST, all: runs.picked.length })}</span>
      )}
      {picked.length === 2 && <InWords runs={picked} />}
      <h3>{say(W.settings)}</h3>
      {settings.length ? (
        <Side runs={runs} picked={picked} rows={settings} />
      ) : (
        <p className="faint">{say(W.same)}</p>
      )}
      {metrics.length > 0 && (
        <>
          <h3>{say(W.metrics)}</h3>
          <Side runs={runs} picked={picked} rows={metrics} />
        </>
      )}
      {others.length > 0 && (
        <>
          <h3>{say(W.surroundings)}</h3>
          <Side runs={runs} picked={picked} rows={others} />
        </>
      )}
    </div>
  );
}

/** The last metrics of a run as text. */
function metricTexts(run: Run): Map<string, string> {
  return new Map(Object.entries(run.last).map(([tag, value]) => [tag, measure(value)]));
}

interface Line {
  name: string;
  cells: string[];
}

function tableOf(
  runs: readonly Run[],
  names: readonly string[],
  texts: (run: Run) => Map<string, string>,
  all: boolean,
): Line[] {
  const lines = names.map((name) => ({ name, cells: runs.map((run) => texts(run).get(name) ?? "") }));
  return all ? lines : lines.filter(({ cells }) => cells.some((cell) => cell !== cells[0]));
}

function Side({ runs, picked, rows }: { runs: Runs; picked: readonly Run[]; rows: readonly Line[] }) {
  const say = useSay();
  const label = useLabels();
  return (
    <div className="panel runs-side">
      <table>
        <thead>
          <tr>
            <th scope="col">{say(W.name)}</th>
            {picked.map((run) => (
              <th key={run.id} scope="col" title={label(run)}>
                <i style={{ background: runs.colorOf(run.id) }} />
                <Link href={openRun(run.id)}>
                  <RunName name={label(run)} />
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }) => (
            <tr key={name}>
              <th scope="row" title={name}>
                {name}
              </th>
              {picked.map((run, place) => (
                <td
                  key={run.id}
                  className={cells[place] === cells[0] ? undefined : "other"}
                  title={cells[place]}
                >
                  {cells[place] || <span className="faint">–</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Environments are not part of the list of runs: they are asked for, once for each run. */
function useEnvironments(picked: readonly Run[]): Map<string, Map<string, string>> {
  const [found, setFound] = useState(new Map<string, Map<string, string>>());
  const ids = useStable(picked.map((run) => run.id));
  useEffect(() => {
    const asking = new AbortController();
    for (const run of ids) {
      get<Run>("run", { run }, asking.signal).then(
        (whole) => setFound((before) => new Map(before).set(run, new Map(flat(whole.environment)))),
        () => undefined, // the run is gone: it leaves the list too
      );
    }
    return () => asking.abort();
  }, [ids]);
  return found;
}

/** A nested mapping as lines of dotted names. */
export function flat(value: Record<string, unknown>, before = ""): [string, string][] {
  return Object.entries(value).flatMap(([name, item]): [string, string][] =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? flat(item as Record<string, unknown>, `${before}${name}.`)
      : [[before + name, said(item)]],
  );
}

function InWords({ runs }: { runs: readonly Run[] }) {
  const say = useSay();
  const [b, a] = runs as [Run, Run];
  const lines = useDifference(a, b);
  const label = useLabels();
  if (lines === null) return null;
  return (
    <>
      <h3>{say(W.words, { a: label(a), b: label(b) })}</h3>
      {typeof lines === "string" ? (
        <p className="faint">
          <Said text={lines} />
        </p>
      ) : (
        <ul className="panel mono runs-words">
          {lines.length ? (
            lines.map((line) => (
              <li key={line}>
                <Said text={line} />
              </li>
            ))
          ) : (
            <li>{say(W.equal)}</li>
          )}
        </ul>
      )}
    </>
  );
}

/** The lines; a text where the server refused; null until it answers. */
function useDifference(a: Run, b: Run): string[] | string | null {
  const [lines, setLines] = useState<string[] | string | null>(null);
  const own = a.own && b.own;
  useEffect(() => {
    setLines(null);
    if (!own) return;
    const asking = new AbortController();
    get<Difference>("diff", { a: `run:${a.id}`, b: `run:${b.id}` }, asking.signal).then(
      (found) => setLines(found.lines),
      (error) => error instanceof RefusedError && setLines(error.message),
    );
    return () => asking.abort();
  }, [a.id, b.id, own]);
  return lines;
}
