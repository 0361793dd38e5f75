import type { Pair } from "../api/messages";
import { ticks } from "../charts/scale";
import { RIGHT } from "./ConfusionPaint";
import type { Look, Spot } from "./paper";
import { ring } from "./spots";

/** A pair whose numbers are numbers. */
export interface Known extends Pair {
  truth: number;
  predicted: number;
}

export type Range = readonly [low: number, high: number];

const [LEFT, BOTTOM, EDGE, RADIUS] = [52, 34, 8, 2.6];

/** The pairs that can be drawn: what has diverged is no number. */
export function finite(pairs: readonly Pair[]): Known[] {
  return pairs.filter(
    (pair): pair is Known => typeof pair.truth === "number" && typeof pair.predicted === "number",
  );
}

/** What both axes show: all that is true and all that is said, with a little room. */
export function rangeOf(pairs: readonly Known[]): Range {
  const all = pairs.flatMap(({ truth, predicted }) => [truth, predicted]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  if (!all.length) return [0, 1];
  const room = (high - low) * 0.04 || Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}

/** Where a value of either axis lies. */
function scales([low, high]: Range, [width, height]: Spot) {
  const share = (value: number) => (value - low) / (high - low);
  return {
    x: (value: number) => LEFT + share(value) * (width - LEFT - EDGE),
    y: (value: number) => height - BOTTOM - share(value) * (height - BOTTOM - EDGE),
  };
}

/** Where the points are on a drawing of that size: what is true to the right, what is said upwards. */
export function spotsOfPairs(pairs: readonly Known[], range: Range, size: Spot): Spot[] {
  const { x, y } = scales(range, size);
  return pairs.map(({ truth, predicted }) => [x(truth), y(predicted)]);
}

interface Drawn {
  range: Range;
  spots: readonly Spot[];
  near: number | null;
  /** of the axes */
  words: readonly [string, string];
}

export function paintPairs(pen: CanvasRenderingContext2D, size: Spot, drawn: Drawn, look: Look): void {
  pen.font = look.font;
  paintAxes(pen, size, drawn, look);
  pen.fillStyle = RIGHT;
  pen.globalAlpha = drawn.spots.length > 500 ? 0.4 : 0.65;
  for (const [x, y] of drawn.spots) dot(pen, x, y, RADIUS);
  pen.globalAlpha = 1;
  const spot = drawn.spots[drawn.near ?? -1];
  if (!spot) return;
  dot(pen, ...spot, 2 * RADIUS);
  ring(pen, spot, RADIUS, look);
}

function dot(pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function paintAxes(pen: CanvasRenderingContext2D, size: Spot, { range, words }: Drawn, look: Look): void {
  const { x, y } = scales(range, size);
  const [[low, high], [width, height]] = [range, size];
  pen.lineWidth = 1;
  pen.strokeStyle = look.line;
  pen.fillStyle = look.faint;
  pen.textBaseline = "middle";
  for (const { at, label } of ticks({ min: low, max: high, log: false }, 6)) {
    line(pen, [x(at), y(low)], [x(at), y(high)]);
    line(pen, [x(low), y(at)], [x(high), y(at)]);
    pen.textAlign = "center";
    pen.fillText(label, x(at), height - BOTTOM + 10);
    pen.textAlign = "right";
    pen.fillText(label, LEFT - 6, y(at));
  }
  pen.textAlign = "center";
  pen.fillText(words[0], (LEFT + width - EDGE) / 2, height - 6);
  pen.save();
  pen.translate(7, (height - BOTTOM) / 2);
  pen.rotate(-Math.PI / 2);
  pen.fillText(words[1], 0, 0);
  pen.restore();
  pen.strokeStyle = look.faint;
  pen.setLineDash([4, 3]);
  line(pen, [x(low), y(low)], [x(high), y(high)]);
  pen.setLineDash([]);
}

function line(pen: CanvasRenderingContext2D, from: Spot, to: Spot): void {
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
}
