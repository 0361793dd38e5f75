import { type Curve, type CurveQuery, curves as fetchCurves, RefusedError } from "../api/client";
import { follow, knownUpTo } from "../api/live";
import type { Points } from "../api/messages";
import { CurveData, type View } from "./curve";

/** A curve of a chart: a tag of one run, or the mean of a group. */
export interface CurveSpec {
  id: string;
  runs: readonly string[];
  tag: string;
}

const TOGETHER = 15;
/** curves of one call: the first charts are drawn while the server still reads for the others */
const AT_ONCE = 48;
const AGAIN = 1000;
const TAIL = 400;

/** What a chart that is in view shows. */
export class Panel {
  curves = new Map<string, CurveData>();
  error: string | null = null;
  /** it has been answered since it was opened or its view changed */
  fresh = false;
  growing = false;
  asked = 0;
  loading = false;
  fetched = 0;
  timer: ReturnType<typeof setTimeout> | undefined;
  pending: Points[] = [];

  constructor(
    public specs: readonly CurveSpec[],
    public view: View,
    readonly changed: () => void,
  ) {}
}

/** What was asked in one call, and which question of each panel it was. */
interface Batch {
  asked: { panel: Panel; number: number; specs: readonly CurveSpec[]; view: View }[];
  stop: AbortController;
}

interface Followed {
  tags: string;
  stop: () => void;
}

/** Brings all panels their curves: in few calls those that ask together, then point by point over the socket. */
export class Feed {
  private readonly panels = new Set<Panel>();
  private readonly wanted = new Set<Panel>();
  private readonly batches = new Set<Batch>();
  private readonly followed = new Map<string, Followed>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** A panel comes into view; `earlier` curves are shown until new ones come. */
  open(specs: readonly CurveSpec[], view: View, changed: () => void, earlier?: Panel | null): Panel {
    const panel = new Panel(specs, view, changed);
    if (earlier) panel.curves = earlier.curves;
    this.panels.add(panel);
    this.ask(panel);
    this.refollow();
    return panel;
  }

  /** Show other curves, or the same ones in another way. */
  change(panel: Panel, specs: readonly CurveSpec[], view: View): void {
    Object.assign(panel, { specs, view, fresh: false, growing: false });
    this.ask(panel);
    this.refollow();
  }

  close(panel: Panel): void {
    clearTimeout(panel.timer);
    panel.asked += 1;
    this.stopStale();
    this.panels.delete(panel);
    this.wanted.delete(panel);
    this.refollow();
  }

  closeAll(): void {
    clearTimeout(this.timer);
    for (const panel of [...this.panels]) this.close(panel);
  }

  private ask(panel: Panel): void {
    clearTimeout(panel.timer);
    panel.timer = undefined;
    panel.asked += 1;
    this.stopStale();
    panel.loading = true;
    panel.pending = [];
    this.wanted.add(panel);
    this.timer ??= setTimeout(() => this.send(), TOGETHER);
  }

  /** Ask again, at most once a second for each panel. */
  private askLater(panel: Panel): void {
    if (panel.timer !== undefined || panel.loading) return;
    panel.timer = setTimeout(() => this.ask(panel), Math.max(0, panel.fetched + AGAIN - performance.now()));
  }

  /** An answer that nobody waits for any more need not come. */
  private stopStale(): void {
    for (const { asked, stop } of this.batches)
      if (asked.every(({ panel, number }) => panel.asked !== number)) stop.abort();
  }

  private async send(): Promise<void> {
    this.timer = undefined;
    const asked = [...this.wanted].map((panel) => ({
      panel,
      number: panel.asked,
      specs: panel.specs,
      view: panel.view,
    }));
    this.wanted.clear();
    for (const part of parted(asked)) {
      const still = part.filter(({ panel, number }) => panel.asked === number);
      if (still.length) await this.answer({ asked: still, stop: new AbortController() });
    }
  }

  private async answer(batch: Batch): Promise<void> {
    const { asked } = batch;
    this.batches.add(batch);
    const answer = await answerTo(batch);
    this.batches.delete(batch);
    let at = 0;
    for (const { panel, number, specs, view } of asked) {
      const parts = answer.parts?.slice(at, at + specs.length);
      at += specs.length;
      if (panel.asked !== number) continue;
      panel.loading = false;
      panel.fetched = performance.now();
      panel.error = answer.again && panel.curves.size ? null : answer.error; // what was drawn stays readable
      if (parts) this.receive(panel, specs, view, parts);
      else if (answer.again) this.askLater(panel);
      panel.changed();
    }
  }

  private receive(panel: Panel, specs: readonly CurveSpec[], view: View, parts: readonly Curve[]): void {
    panel.curves = new Map();
    panel.fresh = true;
    for (const [place, spec] of specs.entries()) {
      const part = parts[place];
      if (!part) continue;
      panel.curves.set(spec.id, new CurveData(part, view));
      if (spec.runs.length === 1 && part.cursor) knownUpTo(spec.runs[0] as string, part.cursor);
    }
    const pending = panel.pending;
    panel.pending = [];
    for (const points of pending) this.take(panel, points);
  }

  /** New points of a run: every panel that shows it takes what concerns it. */
  private arrive(points: Points): void {
    for (const panel of this.panels) this.take(panel, points);
  }

  private take(panel: Panel, points: Points): void {
    if (panel.loading) {
      if (touches(panel, points)) panel.pending.push(points);
      return;
    }
    let changed = false;
    for (const spec of panel.specs) {
      if (!spec.runs.includes(points.run)) continue;
      const fresh = points.series[spec.tag];
      if (!fresh && !points.restart) continue;
      const curve = panel.curves.get(spec.id);
      const taken =
        !points.restart && fresh && curve && spec.runs.length === 1 ? curve.append(fresh) : "again";
      if (taken === "again") this.askLater(panel);
      if (taken === "taken") changed = true;
      if (curve && curve.tail > Math.max(TAIL, panel.view.width)) this.askLater(panel);
    }
    if (!changed) return;
    panel.growing = true;
    panel.changed();
  }

  /** Follow exactly the tags in view, of each run. */
  private refollow(): void {
    const tags = new Map<string, Set<string>>();
    for (const panel of this.panels)
      for (const spec of panel.specs)
        for (const run of spec.runs) tags.set(run, (tags.get(run) ?? new Set()).add(spec.tag));
    for (const [run, { stop }] of this.followed)
      if (!tags.has(run)) {
        stop();
        this.followed.delete(run);
      }
    for (const [run, wanted] of tags) {
      const names = [...wanted].sort();
      const key = JSON.stringify(names);
      const before = this.followed.get(run);
      if (before?.tags === key) continue;
      before?.stop();
      this.followed.set(run, {
        tags: key,
        stop: follow({ run, tags: names, onPoints: (points) => this.arrive(points) }),
      });
    }
  }
}

/** Questions in the order of their panels, so many together as one call should hold; one at least. */
function parted(asked: Batch["asked"]): Batch["asked"][] {
  const parts: Batch["asked"][] = [];
  let room = 0;
  for (const one of asked) {
    if (room < one.specs.length || !parts.length) {
      parts.push([]);
      room = AT_ONCE;
    }
    room -= one.specs.length;
    parts.at(-1)?.push(one);
  }
  return parts;
}

interface BatchAnswer {
  parts: Curve[] | null;
  error: string | null;
  /** the server may answer the same question later */
  again: boolean;
}

async function answerTo({ asked, stop }: Batch): Promise<BatchAnswer> {
  const queries = asked.flatMap(({ specs, view }) =>
    specs.map(({ runs, tag }): CurveQuery => ({ runs: [...runs], tag, ...view })),
  );
  try {
    return {
      parts: queries.length ? await fetchCurves(queries, stop.signal) : [],
      error: null,
      again: false,
    };
  } catch (error) {
    const silent = error instanceof RefusedError && error.status === 0;
    return {
      parts: null,
      error: error instanceof RefusedError ? error.message : String(error),
      again: silent,
    };
  }
}

function touches(panel: Panel, points: Points): boolean {
  return panel.specs.some(
    ({ runs, tag }) => runs.includes(points.run) && (points.restart || points.series[tag] !== undefined),
  );
}
