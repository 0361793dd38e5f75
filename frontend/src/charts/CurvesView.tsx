import { Button, useComputedColorScheme } from "@mantine/core";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useLive } from "../api/live";
import { labelIn } from "../runs/labels";
import { colorOf } from "../ui/colors";
import { type Kept, kept } from "../ui/kept";
import { setParams } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { ChartCard } from "./ChartCard";
import { Controls } from "./Controls";
import "./charts.css";
import { Cursor } from "./cursor";
import { Fold } from "./Fold";
import { Feed } from "./feed";
import { Legend, type Owner } from "./Legend";
import {
  type ChartPlan,
  chartsOf,
  METRICS,
  matcher,
  OF_LAYERS,
  PINNED,
  type Section,
  sectionsOf,
} from "./plan";
import type { ChartCurve } from "./plotter";
import { type Settings, useSettings } from "./settings";
import { useContents } from "./tags";
import { W } from "./words";

export interface Group {
  name: string;
  runs: readonly string[];
  color: string;
}

interface Props {
  runs: readonly string[];
  /** draw the mean of each group instead of its runs */
  groups?: readonly Group[];
  colors?: ReadonlyMap<string, string>;
  /** only these tags */
  filter?: (tag: string) => boolean;
}

const HEIGHTS: Record<number, number> = { 1: 320, 2: 250, 3: 200, 4: 170 };
/** what stands above a chart that has the window for itself, and below it */
const ABOVE = 250;
const columnsKept = kept("charts.columns", 3);
const pins = new Map<string, Kept<string[]>>();

/** The charts that are pinned in this folder. */
function pinsOf(folder: string): Kept<string[]> {
  const found = pins.get(folder) ?? kept<string[]>(`charts.pinned.${folder}`, []);
  pins.set(folder, found);
  return found;
}

function useKept<T>(value: Kept<T>): T {
  return useSyncExternalStore(value.subscribe, value.get);
}

/** The curves of runs: one chart for each metric, live. */
export function CurvesView({ runs, groups, colors, filter }: Props) {
  const say = useSay();
  const settings = useSettings();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const folder = useLive((live) => live.session?.folder ?? "");
  const pinned = useKept(pinsOf(folder));
  const columns = useKept(columnsKept);
  const owners = useOwners(runs, groups, colors);
  const { charts, tags, known } = useCharts(runs, owners, filter);
  const [cursor] = useState(() => new Cursor());
  const feed = useFeed();
  const pin = useCallback(
    (key: string) => {
      const store = pinsOf(folder);
      store.set(
        store.get().includes(key) ? store.get().filter((other) => other !== key) : [...store.get(), key],
      );
    },
    [folder],
  );
  const sections = useMemo(() => sectionsOf(chosen(charts, settings), pinned), [charts, settings, pinned]);
  if (!runs.length) return <p className="chart-empty">{say(W.noRuns)}</p>;
  if (!charts.length) return <p className="chart-empty">{say(known ? W.none : W.loading)}</p>;
  const enlarged = charts.some((chart) => chart.key === settings.enlarged);
  return (
    <div className="charts">
      <div className="charts-top">
        <Controls settings={settings} tags={tags} columns={columns} onColumns={columnsKept.set} />
        {owners.length > 1 && <Legend owners={owners} hidden={settings.hidden} cursor={cursor} />}
      </div>
      {sections.map((section) => (
        <ChartSection
          key={section.name}
          section={section}
          open={enlarged || (settings.search !== "" && OF_LAYERS.has(section.name))}
          columns={enlarged ? 1 : columns}
        >
          {(chart) => (
            <ChartCard
              key={chart.key}
              plan={chart}
              curves={chart.curves}
              settings={settings}
              scheme={scheme}
              height={enlarged ? Math.max(380, window.innerHeight - ABOVE) : (HEIGHTS[columns] ?? 200)}
              feed={feed}
              cursor={cursor}
              pinned={pinned.includes(chart.key)}
              onPin={pin}
            />
          )}
        </ChartSection>
      ))}
      {!sections.length && <NoMatch text={settings.search} />}
    </div>
  );
}

type Chart = ChartPlan & { curves: readonly ChartCurve[] };

function chosen(charts: readonly Chart[], settings: Settings): Chart[] {
  const alone = charts.filter((chart) => chart.key === settings.enlarged);
  if (alone.length) return alone;
  const fits = matcher(settings.search);
  return charts.filter((chart) => chart.lines.some((line) => fits(line.tag)));
}

function NoMatch({ text }: { text: string }) {
  const say = useSay();
  return (
    <p className="chart-empty">
      {say(W.noMatch, { text })} <Button onClick={() => setParams({ tag: null })}>{say(W.clear)}</Button>
    </p>
  );
}

/** Lives as long as the view. */
function useFeed(): Feed {
  const [feed] = useState(() => new Feed());
  useEffect(() => () => feed.closeAll(), [feed]);
  return feed;
}

function useOwners(
  runs: readonly string[],
  groups: readonly Group[] | undefined,
  colors: ReadonlyMap<string, string> | undefined,
): Owner[] {
  const names = useLive((live) => live.runs);
  const label = labelIn(names);
  const list: Owner[] = groups
    ? groups.map(({ name, runs, color }) => ({ id: name, name, color, runs, group: true }))
    : runs.map((run) => ({
        id: run,
        name: label(names?.get(run) ?? { id: run, name: run }),
        color: colors?.get(run) ?? colorOf(run),
        runs: [run],
        group: false,
      }));
  const key = JSON.stringify(list);
  return useMemo(() => JSON.parse(key) as Owner[], [key]);
}

/** The charts of these runs with their curves; they stay the same objects while only items of other kinds come. */
function useCharts(runs: readonly string[], owners: readonly Owner[], filter: Props["filter"]) {
  const contents = useContents(runs);
  const wanted = runs.map((run) => contents.get(run)?.scalars.filter((tag) => filter?.(tag) ?? true) ?? []);
  const key = JSON.stringify([runs, wanted]);
  const found = useMemo(() => {
    const [names, lists] = JSON.parse(key) as [string[], string[][]];
    const has = new Map(names.map((run, place) => [run, new Set(lists[place])]));
    const tags = [...new Set(lists.flat())];
    const charts = chartsOf(tags).map((chart): Chart => ({ ...chart, curves: curvesOf(chart, owners, has) }));
    return { charts, tags: tags.sort() };
  }, [key, owners]);
  return { ...found, known: runs.every((run) => contents.has(run)) };
}

function curvesOf(chart: ChartPlan, owners: readonly Owner[], has: Map<string, Set<string>>): ChartCurve[] {
  return owners.flatMap((owner) =>
    chart.lines.flatMap(({ tag, split }) => {
      const runs = owner.runs.filter((run) => has.get(run)?.has(tag));
      if (!runs.length) return [];
      const { id, name, color } = owner;
      const group = owner.group && runs.length > 1;
      return [{ spec: { id: `${id}\n${tag}`, runs, tag }, owner: id, label: name, color, split, group }];
    }),
  );
}

interface SectionProps {
  section: Section;
  open: boolean;
  columns: number;
  children: (chart: Chart) => React.ReactNode;
}

const SECTIONS: Record<string, Words> = {
  [METRICS]: W.metrics,
  [PINNED]: W.pinned,
  system: W.system,
  time: W.clocks,
  step: W.perStep,
};

function ChartSection({ section, open, columns, children }: SectionProps) {
  const say = useSay();
  const words = SECTIONS[section.name];
  // two charts share a row of three or four: loss and accuracy are worth the room
  const across = Math.min(columns, Math.max(2, section.charts.length));
  return (
    <Fold
      name={section.name}
      title={words ? say(words) : section.name}
      count={section.charts.length}
      open={open}
      shy={OF_LAYERS.has(section.name)}
    >
      <div className="chart-grid" style={{ gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))` }}>
        {section.charts.map((chart) => children(chart as Chart))}
      </div>
    </Fold>
  );
}
