import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { ChartCard } from "../charts/ChartCard";
import { Cursor } from "../charts/cursor";
import { Fold } from "../charts/Fold";
import { Feed } from "../charts/feed";
import { type ChartPlan, OF_LAYERS } from "../charts/plan";
import type { ChartCurve } from "../charts/plotter";
import { useSettings } from "../charts/settings";
import { useContents } from "../charts/tags";
import { PALETTE } from "../ui/colors";
import { useSay } from "../ui/words";
import { isWhat, NUMBERS } from "./words";
import "../charts/charts.css";

const [HEIGHT, LARGE] = [130, 340];

interface Chart {
  group: string;
  plan: ChartPlan;
  curves: ChartCurve[];
}

/** What was measured of a layer and its parameters, over time: a chart for each number. */
export function LayerCurves({ run, layer, title }: { run: string; layer: string; title: string }) {
  const say = useSay();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const settings = useSettings();
  const tags = useContents([run]).get(run)?.scalars;
  const charts = useMemo(() => chartsOf(run, layer, tags ?? []), [run, layer, tags]);
  const [cursor] = useState(() => new Cursor());
  const [feed] = useState(() => new Feed());
  useEffect(() => () => feed.closeAll(), [feed]);
  if (!charts.length) return null;
  const alone = charts.filter(({ plan }) => plan.key === settings.enlarged);
  return (
    <Fold name="inside/curves" title={title} count={charts.length} open={alone.length > 0}>
      <div className={alone.length ? "layer-curves alone" : "layer-curves"}>
        {(alone.length ? alone : charts).map(({ group, plan, curves }) => (
          <ChartCard
            key={plan.key}
            plan={isWhat(group) ? { ...plan, title: say(NUMBERS[group]) } : plan}
            curves={curves}
            settings={settings}
            scheme={scheme}
            height={alone.length ? LARGE : HEIGHT}
            feed={feed}
            cursor={cursor}
            pinned={false}
          />
        ))}
      </div>
    </Fold>
  );
}

const ONCE: readonly string[] = ["layer_time", "layer_memory"];

function chartsOf(run: string, layer: string, tags: readonly string[]): Chart[] {
  const found = new Map<string, string[]>();
  for (const tag of tags) {
    const [group, name] = [tag.slice(0, tag.indexOf("/")), tag.slice(tag.indexOf("/") + 1)];
    if (!OF_LAYERS.has(group) || ONCE.includes(group)) continue;
    if (name === layer || isOf(name, layer)) found.set(group, [...(found.get(group) ?? []), tag]);
  }
  return [...found].map(([group, own]) => chartOf(run, layer, group, own));
}

/** A parameter of the layer itself, not of what is in it. */
function isOf(name: string, layer: string): boolean {
  return name.startsWith(`${layer}.`) && !name.slice(layer.length + 1).includes(".");
}

function chartOf(run: string, layer: string, group: string, tags: readonly string[]): Chart {
  const key = `${group}/${layer}`;
  const curves = tags.map((tag, at): ChartCurve => {
    const label = tag.slice(key.length + 1) || layer;
    const color = PALETTE[at % PALETTE.length] as string;
    return { spec: { id: tag, runs: [run], tag }, owner: tag, label, color, split: "", group: false };
  });
  const lines = tags.map((tag) => ({ tag, split: "" as const }));
  return { group, plan: { key, title: key, section: group, lines }, curves };
}
