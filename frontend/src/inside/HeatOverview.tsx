import { type MouseEvent, useEffect, useRef, useState } from "react";
import { get } from "../api/client";
import type { LayerHeat } from "../api/messages";
import { useSize } from "../runs/useSize";
import { number } from "../ui/format";
import { kept } from "../ui/kept";
import { useParam } from "../ui/route";
import { Segments } from "../ui/Segments";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { gradientOf, paint, scaleOf, under } from "./heat";
import { useAsked } from "./told";
import { useLook } from "./useInside";
import { isWhat, NUMBERS, type What } from "./words";

const W = {
  what: ["What is shown of each layer", "显示各层的哪个数值"],
  none: ["It was not recorded of any layer.", "没有任何层记录了该数值。"],
  steps: ["up to step {last}", "到第 {last} 步"],
  reading: ["{layer} · step {step} · {value}", "{layer} · 第 {step} 步 · {value}"],
  map: ["Each row is a layer, from left to right over time", "每行一层，从左到右为时间"],
} satisfies Record<string, Words>;

const CHOICES = ["gradient_norm", "update_ratio", "output_std", "dead_units"] as const satisfies What[];
const AGAIN = 2000;
const [HIGH, LOW] = [22, 12];
const chosen = kept<What>("inside.heat", "gradient_norm");

interface Props {
  run: string;
  layer: string;
  onLayer: (layer: string) => void;
}

/** One number of all layers over time, as a map of colours; a click on a row opens the layer. */
export function HeatOverview({ run, layer, onLayer }: Props) {
  const say = useSay();
  const [text, setText] = useParam("heat", chosen.get());
  const what = isWhat(text) ? text : "gradient_norm";
  const { value: heat, refused } = useHeat(run, what);
  const choose = (next: What) => {
    chosen.set(next);
    setText(next);
  };
  return (
    <section className="heat">
      <div className="heat-controls">
        <Segments
          label={say(W.what)}
          value={what}
          onChange={choose}
          data={CHOICES.map((value) => ({ value, label: say(NUMBERS[value]) }))}
        />
        {heat && heat.rows.length > 0 && <Legend heat={heat} />}
      </div>
      {refused && (
        <p className="inside-note">
          <Said text={refused} />
        </p>
      )}
      {heat && !heat.rows.length && <p className="chart-empty">{say(W.none)}</p>}
      {heat
        ? heat.rows.length > 0 && <HeatMap heat={heat} layer={layer} onLayer={onLayer} />
        : !refused && <i className="skeleton heat-blank" />}
    </section>
  );
}

/** Asked for again as the run goes on, two seconds after the last answer. */
function useHeat(run: string, what: string) {
  const step = useLook((look) => look.live?.step);
  return useAsked(`${run}\n${what}`, {
    ask: (signal) => get<LayerHeat>("inside/heat", { run, what, columns: 200 }, signal),
    news: step,
    pause: AGAIN,
  });
}

function Legend({ heat }: { heat: LayerHeat }) {
  const say = useSay();
  const { low, high } = scaleOf(heat);
  return (
    <span className="heat-legend">
      {number(low, 3)} <i style={{ background: gradientOf() }} /> {number(high, 3)}
      <span className="faint">{say(W.steps, { last: number(heat.steps.at(-1)) })}</span>
    </span>
  );
}

interface MapProps {
  heat: LayerHeat;
  layer: string;
  onLayer: (layer: string) => void;
}

function HeatMap({ heat, layer, onLayer }: MapProps) {
  const say = useSay();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(canvas);
  const [point, setPoint] = useState<{ x: number; y: number } | null>(null);
  const height = heat.rows.length > 24 ? LOW : HIGH;
  useEffect(() => {
    if (canvas.current && width) paint(canvas.current, heat, width, height);
  }, [heat, width, height]);
  const at = (event: MouseEvent<HTMLElement>) => {
    const edge = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  };
  const found = point && under(heat, point.x, point.y, width, height);
  return (
    <div className="heat-map" style={{ "--row": `${height}px` } as React.CSSProperties}>
      <div className="heat-names">
        {heat.rows.map((row) => (
          <button
            key={row.layer}
            type="button"
            aria-pressed={row.layer === layer}
            title={row.layer}
            onClick={() => onLayer(row.layer)}
          >
            {row.layer}
          </button>
        ))}
      </div>
      <div className="heat-paper">
        <canvas
          ref={canvas}
          role="img"
          aria-label={say(W.map)}
          style={{ height: heat.rows.length * height }}
          onPointerMove={(event) => setPoint(at(event))}
          onPointerLeave={() => setPoint(null)}
          onClick={(event) => {
            const { x, y } = at(event);
            const row = under(heat, x, y, width, height);
            if (row) onLayer(row.layer);
          }}
        />
        {point && found && found.value !== undefined && (
          <div
            className="chart-readings"
            style={{
              top: point.y + 14,
              ...(point.x > width / 2 ? { right: width - point.x + 10 } : { left: point.x + 10 }),
            }}
          >
            {say(W.reading, { layer: found.layer, step: number(found.step), value: number(found.value, 3) })}
          </div>
        )}
      </div>
    </div>
  );
}
