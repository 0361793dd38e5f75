import { useMemo, useRef, useState } from "react";
import type { Run } from "../api/messages";
import { number } from "../ui/format";
import { Link } from "../ui/Link";
import { useSay, type Words } from "../ui/words";
import { type Axis, axisOf } from "./axes";
import { titleOf } from "./columns";
import { type FieldId, fieldOf, said } from "./fields";
import { useLabels } from "./labels";
import { openRun } from "./RunsList";
import type { Runs } from "./state";
import { useSize } from "./useSize";

/** so that no point lies on the edge */
const INSET = 14;
const [LEFT, RIGHT, TOP, BOTTOM, HEIGHT] = [64, 16, 14, 38, 320];

const W = {
  none: ["No run has a value for both axes.", "没有运行同时具有两个轴的值。"],
  count: ["{count} of {all} runs have both values", "{all} 个运行中有 {count} 个同时具有这两个值"],
} satisfies Record<string, Words>;

interface Props {
  runs: Runs;
  x: FieldId;
  y: FieldId;
  color: (id: string) => string;
}

/** A point for each run; each is a link to it. */
export function ScatterPlot({ runs, x, y, color }: Props) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const [near, setNear] = useState<Run | null>(null);
  const label = useLabels();
  const [across, up] = useMemo(() => [axisOf(x, runs.shown), axisOf(y, runs.shown)], [x, y, runs.shown]);
  const points = useMemo(() => pointsOf(runs.shown, across, up), [runs.shown, across, up]);
  const toX = (share: number) => LEFT + INSET + share * Math.max(0, width - LEFT - RIGHT - 2 * INSET);
  const toY = (share: number) => TOP + INSET + (1 - share) * (HEIGHT - TOP - BOTTOM - 2 * INSET);
  return (
    <div ref={box} className="panel runs-scatter" style={{ height: HEIGHT }}>
      {(!across || !up) && <p className="faint runs-empty">{say(W.none)}</p>}
      {across && up && width > 0 && (
        <svg width={width} height={HEIGHT} aria-label={`${titleOf(y)} / ${titleOf(x)}`}>
          <Grid across={across} up={up} toX={toX} toY={toY} width={width} />
          {points.map(({ run, left, high }) => (
            <Link
              key={run.id}
              href={openRun(run.id)}
              aria-label={`${label(run)}: ${valuesOf(run, x, y)}`}
              onPointerEnter={() => setNear(run)}
              onPointerLeave={() => setNear(null)}
              onFocus={() => setNear(run)}
              onBlur={() => setNear(null)}
            >
              <circle
                cx={toX(left)}
                cy={toY(high)}
                r={near === run ? 7 : 4.5}
                fill={color(run.id)}
                opacity={runs.explicit && !runs.selected.has(run.id) ? 0.25 : 0.9}
              />
            </Link>
          ))}
          <text
            x={LEFT + (width - LEFT - RIGHT) / 2}
            y={HEIGHT - 6}
            textAnchor="middle"
            className="runs-axis-name"
          >
            {titleOf(x)}
          </text>
        </svg>
      )}
      <span className="runs-near top">
        {near
          ? `${label(near)}: ${valuesOf(near, x, y)}`
          : points.length < runs.shown.length
            ? say(W.count, { count: points.length, all: runs.shown.length })
            : ""}
      </span>
    </div>
  );
}

function pointsOf(shown: readonly Run[], across: Axis | null, up: Axis | null) {
  return shown.flatMap((run) => {
    const [left, high] = [across?.share(run), up?.share(run)];
    return typeof left === "number" && typeof high === "number" ? [{ run, left, high }] : [];
  });
}

function valuesOf(run: Run, x: FieldId, y: FieldId): string {
  const text = (field: FieldId) => {
    const value = fieldOf(run, field);
    return `${titleOf(field)} ${typeof value === "number" ? number(value) : said(value)}`;
  };
  return `${text(x)}, ${text(y)}`;
}

function Grid(props: {
  across: Axis;
  up: Axis;
  toX: (share: number) => number;
  toY: (share: number) => number;
  width: number;
}) {
  const { across, up, toX, toY, width } = props;
  return (
    <g>
      {up.ticks.map((tick) => (
        <g key={tick.share}>
          <line
            x1={LEFT}
            x2={width - RIGHT}
            y1={toY(tick.share)}
            y2={toY(tick.share)}
            className="runs-grid"
          />
          <text x={LEFT - 8} y={toY(tick.share) + 3.5} textAnchor="end" className="runs-tick">
            {tick.text.slice(0, 9)}
          </text>
        </g>
      ))}
      {across.ticks.map((tick) => (
        <g key={tick.share}>
          <line
            x1={toX(tick.share)}
            x2={toX(tick.share)}
            y1={TOP}
            y2={HEIGHT - BOTTOM}
            className="runs-grid"
          />
          <text x={toX(tick.share)} y={HEIGHT - BOTTOM + 14} textAnchor="middle" className="runs-tick">
            {tick.text.slice(0, 14)}
          </text>
        </g>
      ))}
    </g>
  );
}
