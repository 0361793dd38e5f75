/** What the pointer marks in all charts at once: a place on x, and a run of the legend. */
export class Cursor {
  axis = "";
  x: number | null = null;
  /** the chart under the pointer, which alone lists the values */
  chart = "";
  run: string | null = null;
  private readonly listeners = new Set<(what: "place" | "run") => void>();

  subscribe(changed: (what: "place" | "run") => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  move(chart: string, axis: string, x: number | null): void {
    if (x === null && this.chart !== chart) return;
    if (x === this.x && axis === this.axis && chart === this.chart) return;
    Object.assign(this, { chart, axis, x });
    this.tell("place");
  }

  point(run: string | null): void {
    if (run === this.run) return;
    this.run = run;
    this.tell("run");
  }

  private tell(what: "place" | "run"): void {
    for (const listener of this.listeners) listener(what);
  }
}
