import { type PointerEvent, useRef, useState } from "react";
import type { ScheduleView } from "../api/messages";
import { placer, plain, reader, type Scale, ticks } from "../charts/scale";
import { useSize } from "../runs/useSize";
import { PALETTE } from "../ui/colors";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { rateAt, usable } from "./rates";

const W = {
  chart: ["Learning rate by step", "各步的学习率"],
  steps: ["steps", "步"],
  epochs: ["epochs", "轮"],
  at: ["step {step}, epoch {epoch}", "第 {step} 步，第 {epoch} 轮"],
  warmup: ["warm-up", "预热"],
} satisfies Record<string, Words>;

/** Groups that no pattern of a rule names. */
const REST: Record<string, Words> = { all: ["all", "全部"], others: ["others", "其余"] };

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [210, 58, 12, 20, 34];

/** The learning rate of each group, from the first step to the last. */
export function RateChart({ view }: { view: ScheduleView }) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const [hovered, setHovered] = useState<number | null>(null);
  const total = Math.max(1, view.steps_per_epoch * view.epochs);
  const curves = view.curves.map(usable);
  const top = Math.max(...curves.flatMap((curve) => curve.rates), 0) || 1;
  const x: Scale = { min: 0, max: total, log: false };
  const y: Scale = { min: 0, max: top * 1.06, log: false };
  const [placeX, placeY] = [placer(x, LEFT, width - RIGHT), placer(y, HEIGHT - BOTTOM, TOP)];
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const step = Math.round(reader(x, LEFT, width - RIGHT)(event.clientX - left));
    setHovered(step >= 1 && step <= total ? step : null);
  };
  const rows = ticks(y, 4);
  const columns = ticks(x, Math.max(2, Math.min(8, width / 110)));
  const epoch = (step: number) => plain(step / Math.max(1, view.steps_per_epoch), 0.1).replace(/\.0$/, "");
  return (
    <div ref={box} className="train-chart">
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={say(W.chart)}
          onPointerMove={move}
          onPointerLeave={() => setHovered(null)}
        >
          {view.warmup > 0 && (
            <g className="train-warmup">
              <rect
                x={LEFT}
                y={TOP}
                width={placeX(Math.min(view.warmup, total)) - LEFT}
                height={HEIGHT - BOTTOM - TOP}
              />
              <text x={LEFT + 5} y={TOP + 13}>
                {say(W.warmup)}
              </text>
            </g>
          )}
          {rows.map(({ at, label }) => (
            <g key={at}>
              <line className="grid" x1={LEFT} x2={width - RIGHT} y1={placeY(at)} y2={placeY(at)} />
              <text x={LEFT - 6} y={placeY(at) + 4} textAnchor="end">
                {label}
              </text>
            </g>
          ))}
          {columns.map(({ at, label }) => (
            <g key={at}>
              <line
                className="grid"
                x1={placeX(at)}
                x2={placeX(at)}
                y1={HEIGHT - BOTTOM}
                y2={HEIGHT - BOTTOM + 4}
              />
              <text x={placeX(at)} y={HEIGHT - BOTTOM + 15} textAnchor="middle">
                {label}
              </text>
              <text className="second" x={placeX(at)} y={HEIGHT - BOTTOM + 28} textAnchor="middle">
                {epoch(at)}
              </text>
            </g>
          ))}
          <text x={4} y={HEIGHT - BOTTOM + 15}>
            {say(W.steps)}
          </text>
          <text className="second" x={4} y={HEIGHT - BOTTOM + 28}>
            {say(W.epochs)}
          </text>
          {curves.map(({ name, steps, rates }, at) => (
            <polyline
              key={name}
              fill="none"
              stroke={PALETTE[at % PALETTE.length]}
              strokeWidth={1.8}
              points={steps
                .map((step, place) => `${placeX(step).toFixed(1)},${placeY(rates[place] ?? 0).toFixed(1)}`)
                .join(" ")}
            />
          ))}
          {hovered !== null && (
            <line
              className="cursor"
              x1={placeX(hovered)}
              x2={placeX(hovered)}
              y1={TOP}
              y2={HEIGHT - BOTTOM}
            />
          )}
        </svg>
      )}
      <div className="train-legend">
        {curves.map((curve, at) => (
          <span key={curve.name}>
            <i style={{ background: PALETTE[at % PALETTE.length] }} />
            <span className="mono">{REST[curve.name] ? say(REST[curve.name] as Words) : curve.name}</span>
            <b>{number(hovered === null ? (curve.rates[0] ?? 0) : rateAt(curve, hovered))}</b>
          </span>
        ))}
        <span className="faint">
          {hovered !== null && say(W.at, { step: number(hovered), epoch: epoch(hovered) })}
        </span>
      </div>
    </div>
  );
}
