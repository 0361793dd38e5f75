import { useMemo } from "react";
import { setParams, useParam, useRoute } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { axisOf, defaultAxes } from "./axes";
import { ColumnsMenu } from "./ColumnsMenu";
import { titleOf } from "./columns";
import { differing, type FieldId } from "./fields";
import { colored } from "./groups";
import { ParallelPlot } from "./ParallelPlot";
import { ScatterPlot } from "./ScatterPlot";
import { type Runs, useStable } from "./state";
import "./plots.css";

const W = {
  parallel: ["Settings and metrics of every run", "各运行的设置与指标"],
  axes: ["Axes", "坐标轴"],
  hint: [
    "Drag along an axis to choose runs; click it to let go.",
    "沿坐标轴拖动可选择运行，单击坐标轴取消选择。",
  ],
  missing: ["no value", "无值"],
  scatter: ["Metric against setting", "指标与设置的关系"],
  x: ["Horizontal", "横轴"],
  y: ["Vertical", "纵轴"],
  color: ["Colour: {field}", "颜色：{field}"],
  few: [
    "These plots need runs with settings or metrics that differ.",
    "需要有设置或指标不同的运行才能绘制关系图。",
  ],
} satisfies Record<string, Words>;

/** How metrics depend on settings, over all runs that the filter lets through. */
export function PlotsView({ runs }: { runs: Runs }) {
  const say = useSay();
  const { params } = useRoute();
  const wanted = useStable(params.getAll("axes"));
  const fields = useStable(wanted.length ? wanted : defaultAxes(runs.shown, ordered(runs)));
  const axes = useMemo(
    () => fields.map((field) => axisOf(field, runs.shown)).filter((axis) => axis !== null),
    [fields, runs.shown],
  );
  const drawn = useMemo(
    () => runs.shown.filter((run) => axes.some((axis) => axis.share(run) !== null)),
    [runs.shown, axes],
  );
  const colorBy = runs.colorBy || (runs.metric ? `last:${runs.metric}` : "");
  const colors = useMemo(() => (colorBy ? colored(runs.shown, colorBy) : null), [runs.shown, colorBy]);
  const color = (id: string) => colors?.get(id) ?? runs.colorOf(id);
  if (!axes.length) return <p className="faint runs-empty">{say(W.few)}</p>;
  return (
    <div className="runs-plots">
      <div className="runs-plot-head">
        <h3>{say(W.parallel)}</h3>
        <span className="faint">{say(W.hint)}</span>
        <span className="faint runs-plot-color">{colorBy && say(W.color, { field: titleOf(colorBy) })}</span>
        <ColumnsMenu
          label={say(W.axes)}
          runs={runs.shown}
          columns={fields}
          onChange={(next) => setParams({ axes: next })}
        />
      </div>
      <ParallelPlot runs={runs} drawn={drawn} axes={axes} color={color} missing={say(W.missing)} />
      <Scatter runs={runs} color={color} />
    </div>
  );
}

/** The metrics with the chosen one first. */
function ordered(runs: Runs): string[] {
  return [runs.metric, ...runs.metrics.filter((tag) => tag !== runs.metric)].filter(Boolean);
}

function Scatter({ runs, color }: { runs: Runs; color: (id: string) => string }) {
  const say = useSay();
  const settings = useMemo(
    () => differing(runs.shown).filter((path) => (axisOf(`set:${path}`, runs.shown)?.ticks.length ?? 0) > 1),
    [runs.shown],
  );
  const choices: FieldId[] = [
    ...settings.map((path) => `set:${path}`),
    ...runs.metrics.map((tag) => `last:${tag}`),
    "duration",
    "started",
  ];
  const firstX = choices.find((field) => field !== "set:seed") ?? "started";
  const [x, setX] = useParam("x", firstX);
  const [y, setY] = useParam("y", `last:${runs.metric}`);
  return (
    <>
      <div className="runs-plot-head">
        <h3>{say(W.scatter)}</h3>
        <Chooser label={say(W.x)} value={x} choices={choices} onChange={setX} />
        <Chooser label={say(W.y)} value={y} choices={choices} onChange={setY} />
      </div>
      <ScatterPlot runs={runs} x={x} y={y} color={color} />
    </>
  );
}

function Chooser(props: {
  label: string;
  value: FieldId;
  choices: FieldId[];
  onChange: (field: FieldId) => void;
}) {
  const choices = props.choices.includes(props.value) ? props.choices : [props.value, ...props.choices];
  return (
    <label className="faint">
      {props.label}{" "}
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {choices.map((field) => (
          <option key={field} value={field}>
            {titleOf(field, choices)}
          </option>
        ))}
      </select>
    </label>
  );
}
