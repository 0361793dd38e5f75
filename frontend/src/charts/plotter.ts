import type { Cursor } from "./cursor";
import {
  type Box,
  type DrawnCurve,
  dot,
  drawFigure,
  drawTail,
  type Figure,
  INK,
  isLong,
  placers,
} from "./draw";
import type { CurveSpec, Feed, Panel } from "./feed";
import { onFrame, onFreeFrame } from "./frames";
import { CanvasPen } from "./pen";
import type { Split } from "./plan";
import { ahead, type Extent, steady, xExtent, yExtent } from "./range";
import { reader, type Scale } from "./scale";
import { axisFor, axisName, type Settings, unitOf, viewOf } from "./settings";

/** A curve of a chart: what to ask for, and its looks. */
export interface ChartCurve {
  spec: CurveSpec;
  /** the run or group that it belongs to */
  owner: string;
  label: string;
  color: string;
  split: Split;
  group: boolean;
}

/** What a plot shows now. */
export interface Shown {
  chart: string;
  section: string;
  curves: readonly ChartCurve[];
  settings: Settings;
  scheme: "light" | "dark";
  width: number;
  height: number;
}

/** The value of one curve under the cursor. */
export interface Reading {
  id: string;
  label: string;
  color: string;
  split: Split;
  x: number;
  value: number;
  smooth: number | null;
  spread: number | null;
  step: number | null;
  /** pixels from the pointer */
  distance: number;
}

/** What a person should know beside the curves. */
export interface Status {
  state: "loading" | "ready" | "empty";
  error: string;
  nonfinite: string;
}

/** What stands on a canvas: the figure, and of each curve how many points, and how many that are no numbers. */
interface Painted {
  figure: Figure;
  counts: number[];
  strange: number[];
}

const MARGIN = { left: 46, right: 10, top: 8, bottom: 20 };
const SIZE = 10.5;
const FADED = 0.16;

/** Draws one chart on two canvases: the curves below, the cursor above. */
export class Plotter {
  panel: Panel | null = null;
  selection: Extent | null = null;
  private xScale: Scale | null = null;
  private yScale: Scale | null = null;
  private basis = "";
  private scalesOf = "";
  private closed = false;
  private drawn: DrawnCurve[] = [];
  private painted: Painted | null = null;
  private marked = false;
  private lineAt: number | null = null;
  private status = "";
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly base: HTMLCanvasElement,
    private readonly over: HTMLCanvasElement,
    private readonly line: HTMLElement,
    private readonly feed: Feed,
    private readonly cursor: Cursor,
    private shown: Shown,
    private readonly tell: (status: Status) => void,
    private readonly moved: () => void,
  ) {
    this.stops.push(
      cursor.subscribe((what) => {
        if (what === "run") this.later();
        else this.laterOver();
      }),
    );
  }

  /** Show this from now on; curves are asked for when it needs others. */
  show(shown: Shown, earlier: Panel | null): void {
    this.shown = shown;
    const specs = shown.curves.map((curve) => curve.spec);
    const view = viewOf(shown.settings, shown.section, this.box.width);
    const basis = JSON.stringify([specs, view]);
    if (!this.panel) this.panel = this.feed.open(specs, view, () => this.later(), earlier);
    else if (basis !== this.basis) this.feed.change(this.panel, specs, view);
    const { logX, logY, outliers } = shown.settings;
    const scales = JSON.stringify([view.x, view.metric, view.low, view.high, logX, logY, outliers, specs]);
    if (scales !== this.scalesOf) this.xScale = this.yScale = null;
    this.scalesOf = scales;
    this.basis = basis;
    this.painted = null;
    this.later();
  }

  close(): void {
    for (const stop of this.stops) stop();
    if (this.panel) this.feed.close(this.panel);
    this.closed = true;
  }

  get box(): Box {
    return {
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(10, this.shown.width - MARGIN.left - MARGIN.right),
      height: Math.max(10, this.shown.height - MARGIN.top - MARGIN.bottom),
    };
  }

  get axis(): string {
    const { x, metric } = axisFor(this.shown.section, this.shown.settings);
    return axisName(x, metric);
  }

  private later(): void {
    onFrame(this.draw);
  }

  private laterOver(): void {
    onFrame(this.drawOver);
  }

  /** The figure as it is now, for drawing and for export. */
  figure(): Figure {
    const { settings, scheme } = this.shown;
    const { x } = axisFor(this.shown.section, settings);
    this.drawn = this.visible().map(({ curve, data }) => ({
      data,
      color: curve.color,
      split: curve.split,
      weight: this.cursor.run === null || this.cursor.run === curve.owner ? 1 : FADED,
      group: curve.group,
    }));
    this.fit();
    return {
      box: this.box,
      x: this.xScale as Scale,
      y: this.yScale as Scale,
      unit: unitOf(x),
      curves: this.drawn,
      smoothing: settings.smoothing > 0,
      ink: INK[scheme],
      size: SIZE,
    };
  }

  /** The curves with points, those of the run that is pointed at last, so that they lie on top. */
  visible() {
    const { curves, settings } = this.shown;
    const found = [];
    for (const curve of curves) {
      const data = this.panel?.curves.get(curve.spec.id);
      if (data && !settings.hidden.includes(curve.owner)) found.push({ curve, data });
    }
    return found.sort(
      (a, b) => Number(a.curve.owner === this.cursor.run) - Number(b.curve.owner === this.cursor.run),
    );
  }

  private fit(): void {
    const { settings, section } = this.shown;
    const zoom = settings.zooms.get(this.axis);
    const data = this.drawn.map((curve) => curve.data);
    const { x } = axisFor(section, settings);
    const logX = settings.logX && x !== "time";
    this.xScale = zoom
      ? kept(this.xScale, { min: logX && zoom[0] <= 0 ? zoom[1] / 1e6 : zoom[0], max: zoom[1], log: logX })
      : ahead(this.xScale, xExtent(data, logX), logX, this.panel?.growing ?? false);
    const extent = yExtent(data, this.xScale.min, this.xScale.max, {
      log: settings.logY,
      smooth: settings.smoothing > 0,
      calm: !settings.outliers,
    });
    this.yScale = steady(this.yScale, extent, settings.logY);
  }

  /** New points only make curves longer, as long as the axes stay; everything else is a new picture. */
  private readonly draw = (): void => {
    if (this.closed || !this.shown.width) return;
    const before = this.painted;
    const figure = this.figure();
    if (!before || !this.onlyLonger(before, figure)) {
      onFreeFrame(this.drawWhole);
      return;
    }
    drawTail(this.penOf(this.base), figure, before.counts);
    this.finish(figure);
  };

  private readonly drawWhole = (): void => {
    if (this.closed || !this.shown.width) return;
    const figure = this.figure();
    drawFigure(this.prepare(this.base), figure);
    this.finish(figure);
  };

  private finish(figure: Figure): void {
    const counts = figure.curves.map(({ data }) => data.count);
    const strange = figure.curves.map(({ data }) => data.nonfinite.length);
    this.painted = { figure, counts, strange };
    this.drawOver();
    this.report();
  }

  private onlyLonger({ figure, counts, strange }: Painted, now: Figure): boolean {
    return (
      figure.x === now.x &&
      figure.y === now.y &&
      figure.curves.length === now.curves.length &&
      now.curves.every((curve, place) => {
        const other = figure.curves[place] as DrawnCurve;
        const same =
          other.data === curve.data && other.weight === curve.weight && other.color === curve.color;
        const added = curve.data.count - (counts[place] as number);
        return (
          same &&
          added >= 0 &&
          (added === 0 || isLong(curve.data, now.box)) &&
          strange[place] === curve.data.nonfinite.length
        );
      })
    );
  }

  private prepare(canvas: HTMLCanvasElement): CanvasPen {
    const { width, height } = this.shown;
    const sharp = window.devicePixelRatio || 1;
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
      canvas.width = Math.round(width * sharp);
      canvas.height = Math.round(height * sharp);
    }
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, width, height);
    return new CanvasPen(context);
  }

  private penOf(canvas: HTMLCanvasElement): CanvasPen {
    return new CanvasPen(canvas.getContext("2d") as CanvasRenderingContext2D);
  }

  /** The pointer moved: its values may be in another order now. */
  hover(): void {
    this.laterOver();
  }

  /** The line in every chart; points and selection only where the pointer is, for canvases are slow to change. */
  private readonly drawOver = (): void => {
    if (this.closed || !this.shown.width) return;
    const { place } = this;
    if (place !== this.lineAt) {
      this.line.style.transform = `translateX(${Math.round(place ?? 0)}px)`;
      this.line.style.visibility = place === null ? "hidden" : "visible";
      this.lineAt = place;
    }
    const here = this.cursor.chart === this.shown.chart && (place !== null || this.selection !== null);
    if (here || this.marked) {
      const pen = this.prepare(this.over);
      this.drawSelection(pen);
      if (here && place !== null) this.drawPoints(pen);
    }
    if (here || this.marked) this.moved();
    this.marked = here;
  };

  private drawSelection(pen: CanvasPen): void {
    if (!this.selection || !this.xScale || !this.yScale) return;
    const { box } = this;
    const [from, to] = this.selection;
    pen.begin();
    for (const [x, y] of corners(from, to, box)) pen.line(x, y);
    pen.fill("#e8590c", 0.16);
  }

  private drawPoints(pen: CanvasPen): void {
    for (const { at, color } of this.points()) {
      pen.begin();
      dot(pen, at[0], at[1], 3);
      pen.fill(color);
    }
  }

  /** Where the cursor stands in this chart. */
  get place(): number | null {
    return this.cursor.x === null ? null : this.pixelOf(this.cursor.x);
  }

  /** Where x lies in this chart, null when it has another axis or does not show it. */
  private pixelOf(x: number): number | null {
    if (this.cursor.axis !== this.axis || !this.xScale || !this.yScale) return null;
    const [placeX] = placers({ box: this.box, x: this.xScale, y: this.yScale });
    const place = placeX(x);
    return place >= this.box.left - 1 && place <= this.box.left + this.box.width + 1 ? place : null;
  }

  private points(): { at: [number, number]; color: string }[] {
    const [placeX, placeY] = placers({ box: this.box, x: this.xScale as Scale, y: this.yScale as Scale });
    const smooth = this.shown.settings.smoothing > 0;
    return this.drawn.flatMap(({ data, color }) => {
      const at = data.nearest(this.cursor.x as number);
      if (at < 0) return [];
      const y = (smooth && data.smooth ? data.smooth : data.y)[at] as number;
      const [left, top] = [placeX(data.x[at] as number), placeY(y)];
      return top >= this.box.top && top <= this.box.top + this.box.height
        ? [{ at: [left, top] as [number, number], color }]
        : [];
    });
  }

  /** The x of the point nearest to a pixel, of any curve. */
  snap(pixel: number): number | null {
    if (!this.xScale) return null;
    const wanted = this.valueAt(pixel);
    let found: number | null = null;
    for (const { data } of this.drawn) {
      const at = data.nearest(wanted);
      const x = at < 0 ? null : (data.x[at] as number);
      if (x !== null && (found === null || Math.abs(x - wanted) < Math.abs(found - wanted))) found = x;
    }
    return found;
  }

  valueAt(pixel: number): number {
    const { box } = this;
    return reader(this.xScale as Scale, box.left, box.left + box.width)(pixel);
  }

  /** The next point after `x` (or before it), of any curve. */
  neighbour(x: number | null, direction: 1 | -1): number | null {
    if (!this.xScale) return null;
    const from = x ?? (direction > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    let found: number | null = null;
    for (const { data } of this.drawn)
      for (let at = 0; at < data.count; at++) {
        const here = data.x[at] as number;
        const ahead = direction > 0 ? here > from : here < from;
        const inside = here >= this.xScale.min && here <= this.xScale.max;
        if (ahead && inside && (found === null || (direction > 0 ? here < found : here > found)))
          found = here;
      }
    return found;
  }

  /** The values of all curves at the cursor, nearest to the pointer first: one that ended long before comes last. */
  readings(pointer: number | null): Reading[] {
    const { x } = this.cursor;
    if (x === null || this.pixelOf(x) === null) return [];
    const [placeX, placeY] = placers({ box: this.box, x: this.xScale as Scale, y: this.yScale as Scale });
    const found: Reading[] = [];
    for (const { curve, data } of this.visible()) {
      const at = data.nearest(x);
      if (at < 0) continue;
      const value = data.y[at] as number;
      const smooth = this.shown.settings.smoothing > 0 && data.smooth ? (data.smooth[at] as number) : null;
      found.push({
        id: curve.spec.id,
        label: curve.label,
        color: curve.color,
        split: curve.split,
        x: data.x[at] as number,
        value,
        smooth,
        spread: curve.group && data.high ? (data.high[at] as number) - value : null,
        step: data.step ? (data.step[at] as number) : null,
        distance:
          Math.abs(placeX(data.x[at] as number) - placeX(x)) +
          (pointer === null ? 0 : Math.abs(placeY(smooth ?? value) - pointer)),
      });
    }
    return found.sort((a, b) => a.distance - b.distance);
  }

  get seen(): Extent | null {
    return this.xScale ? [this.xScale.min, this.xScale.max] : null;
  }

  private report(): void {
    const { panel } = this;
    const all = panel ? [...panel.curves.values()] : [];
    const points = this.drawn.some(({ data }) => data.count > 0 || data.nonfinite.length > 0);
    const errors = new Set(all.flatMap((curve) => (curve.error ? [curve.error] : [])));
    const status: Status = {
      state: points ? "ready" : panel?.fresh || panel?.error ? "empty" : "loading",
      error: panel?.error ?? (points ? "" : ([...errors][0] ?? "")),
      nonfinite: counted(this.drawn),
    };
    const text = JSON.stringify(status);
    if (text === this.status) return;
    this.status = text;
    this.tell(status);
  }
}

function kept(before: Scale | null, now: Scale): Scale {
  return before?.min === now.min && before.max === now.max && before.log === now.log ? before : now;
}

function corners(from: number, to: number, box: Box): [number, number][] {
  const foot = box.top + box.height;
  return [
    [from, box.top],
    [to, box.top],
    [to, foot],
    [from, foot],
  ];
}

/** `3 NaN, 1 ∞` over all curves. */
function counted(drawn: readonly DrawnCurve[]): string {
  const counts = new Map<string, number>();
  for (const { data } of drawn)
    for (const [, kind] of data.nonfinite) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind.replace("Infinity", "∞")}`).join(", ");
}
