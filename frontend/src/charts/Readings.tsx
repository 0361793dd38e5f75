import { moment, number } from "../ui/format";
import { useSay } from "../ui/words";
import { Fitted, fitted } from "./Legend";
import type { Reading, Shown } from "./plotter";
import { span } from "./scale";
import { axisFor } from "./settings";
import { W } from "./words";

const MOST = 12;
const ROOM = 280;

interface Props {
  /** in the plot, and in the window */
  left: number;
  across: number;
  width: number;
  readings: readonly Reading[];
  shown: Omit<Shown, "width" | "height">;
}

/** The values under the cursor, the nearest one first. */
export function Readings({ left, across, width, readings, shown }: Props) {
  const say = useSay();
  const side =
    across + ROOM > window.innerWidth ? { right: Math.max(0, width - left + 14) } : { left: left + 14 };
  const smooth = readings.some((reading) => reading.smooth !== null);
  const splits = shown.curves.some((curve) => curve.split !== "");
  return (
    <div className="chart-readings" style={side}>
      <table>
        <thead>
          <tr>
            <th colSpan={splits ? 2 : 1}>{place(readings[0] as Reading, shown, say)}</th>
            <th>{smooth ? say(W.smoothed) : ""}</th>
            {smooth && <th>{say(W.raw)}</th>}
          </tr>
        </thead>
        <tbody>
          {readings.slice(0, MOST).map((reading, place) => (
            <tr key={reading.id} className={place === 0 ? "nearest" : undefined}>
              <td className="name">
                <i style={{ background: reading.color }} />
                {reading.spread === null ? <Fitted name={reading.label} /> : fitted(reading.label)}
              </td>
              {splits && <td className="faint">{reading.split && say(W[reading.split])}</td>}
              <td className="value">
                {number(reading.smooth ?? reading.value)}
                {reading.spread !== null && ` ± ${number(reading.spread, 2)}`}
              </td>
              {smooth && <td className="value faint">{number(reading.value)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {readings.length > MOST && <span className="faint">… +{readings.length - MOST}</span>}
    </div>
  );
}

function place(reading: Reading, shown: Props["shown"], say: ReturnType<typeof useSay>): string {
  const { x } = axisFor(shown.section, shown.settings);
  const step = reading.step === null ? "" : ` · ${say(W.step)} ${number(reading.step)}`;
  if (x === "step") return `${say(W.step)} ${number(Math.round(reading.x))}`;
  if (x === "time") return moment(new Date(reading.x * 1000).toISOString()) + step;
  if (x === "relative") return span(reading.x, reading.x < 60 ? 0.1 : 1) + step;
  return `${number(reading.x)}${step}`;
}
