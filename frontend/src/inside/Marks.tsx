import type { Shape } from "../api/messages";
import { bytes, number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { BANDS, type Measured, type Middles, onScale, verdict, worst } from "./health";
import { useLook } from "./useInside";
import { NUMBERS } from "./words";

const W = {
  outputs: ["its outputs: mean {mean}, spread {std}", "输出：均值 {mean}，标准差 {std}"],
  of: ["{what}: {value}", "{what}：{value}"],
  healthy: ["healthy: {low} to {high}", "正常范围：{low} 到 {high}"],
} satisfies Record<string, Words>;

type Gauged = "gradient_norm" | "update_ratio" | "dead_units" | "output_saturated";
const SIGNS: Record<Gauged, string> = {
  gradient_norm: "∇",
  update_ratio: "Δ",
  dead_units: "†",
  output_saturated: "⊐",
};
const SCALES: Record<Gauged, readonly [number, number]> = {
  gradient_norm: [1e-6, 1e2],
  update_ratio: [1e-7, 1],
  dead_units: [0, 1],
  output_saturated: [0, 1],
};

/** What was measured last of a node, small and quiet; what is out of its healthy band stands out. */
export function Marks({ path }: { path: string }) {
  const found = useLook((look) => look.measured.get(path));
  const middles = useLook((look) => look.middles);
  if (!found) return <div className="alive" />;
  return (
    <div className={`alive ${worst(found, middles)}`} data-alive={path}>
      <div className="alive-row">
        <Outputs found={found} />
        <Costs numbers={found.numbers} />
      </div>
      <div className="alive-row">
        {(Object.keys(SIGNS) as Gauged[]).map((what) => (
          <Gauge key={what} what={what} value={found.numbers[what]} middles={middles} />
        ))}
      </div>
    </div>
  );
}

function Costs({ numbers }: { numbers: Measured["numbers"] }) {
  const { milliseconds, memory } = numbers;
  return (
    <span className="alive-costs">
      {milliseconds !== undefined && <span>{number(milliseconds, 2)} ms</span>}
      {memory !== undefined && <span>{bytes(memory)}</span>}
    </span>
  );
}

interface GaugeProps {
  what: Gauged;
  value: number | undefined;
  middles: Middles;
}

function Gauge({ what, value, middles }: GaugeProps) {
  const say = useSay();
  if (value === undefined) return null;
  const share = what === "dead_units" || what === "output_saturated";
  const place = share ? value : onScale(value, SCALES[what]);
  const text = share && Number.isFinite(value) ? `${number(100 * value, 2)}%` : number(value, 2);
  const band = BANDS[what];
  const told = say(W.of, { what: say(NUMBERS[what]), value: number(value, 4) });
  const healthy = band && say(W.healthy, { low: number(band[0]), high: number(band[1]) });
  return (
    <span className={`gauge ${verdict(what, value, middles)}`} title={healthy ? `${told}\n${healthy}` : told}>
      <b aria-hidden>{SIGNS[what]}</b> {text}
      <i style={{ "--at": Number.isFinite(place) ? place : 1 } as React.CSSProperties} />
    </span>
  );
}

const [WIDTH, HEIGHT] = [88, 20];

/** How its outputs are distributed: as recorded, else as a bell of their mean and spread. */
export function Outputs({ found }: { found: Measured }) {
  const say = useSay();
  const { output_mean: mean, output_std: std } = found.numbers;
  const shape = found.shape ?? bell(mean, std);
  if (!shape) return <span className="alive-outputs" />;
  const title = say(W.outputs, { mean: number(mean, 3), std: number(std, 3) });
  const zero = (-shape.low / (shape.high - shape.low)) * WIDTH;
  return (
    <svg className="alive-outputs" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
      <title>{title}</title>
      <path d={outline(shape)} className={found.shape ? "" : "guessed"} />
      {zero > 0 && zero < WIDTH && <path d={`M${zero.toFixed(1)} 0V${HEIGHT}`} className="zero" />}
    </svg>
  );
}

/** Roots of the heights: beside a peak of zeros the rest is still seen. */
function outline({ heights }: Shape): string {
  const step = WIDTH / heights.length;
  const top = (height: number) => (HEIGHT - 1 - (HEIGHT - 2) * Math.sqrt(height)).toFixed(1);
  const bars = heights.map((height, at) => `V${top(height)}H${((at + 1) * step).toFixed(1)}`);
  return `M0 ${HEIGHT}${bars.join("")}V${HEIGHT}Z`;
}

const BELL = 24;

function bell(mean: number | undefined, std: number | undefined): Shape | null {
  if (mean === undefined || !std || !Number.isFinite(mean) || !Number.isFinite(std)) return null;
  const at = (place: number) => (6 * (place + 0.5)) / BELL - 3;
  const heights = Array.from({ length: BELL }, (_, place) => Math.exp(-(at(place) ** 2) / 2));
  return { low: mean - 3 * std, high: mean + 3 * std, heights };
}
