import { TextInput, useComputedColorScheme } from "@mantine/core";
import { useDeferredValue } from "react";
import { useLive } from "../api/live";
import type { Items } from "../api/messages";
import { labelIn } from "../runs/labels";
import { colorOf } from "../ui/colors";
import { useParam } from "../ui/route";
import { Segments } from "../ui/Segments";
import { useSay } from "../ui/words";
import { DistributionCard, type Manner } from "./DistributionCard";
import "./charts.css";
import { Fold } from "./Fold";
import { matcher } from "./plan";
import { useContents } from "./tags";
import { D } from "./words";

interface Shown {
  run: string;
  name: string;
  item: Items;
}

const sorter = new Intl.Collator("en", { numeric: true });

/** Histograms over time: as ridges, or as bands of percentiles. */
export function DistributionsView({ runs }: { runs: readonly string[] }) {
  const say = useSay();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const [manner, setManner] = useParam("hist", "ridges");
  const [search, setSearch] = useParam("tag", "");
  const fits = matcher(useDeferredValue(search));
  const names = useLive((live) => live.runs);
  const contents = useContents(runs);
  const all = runs.flatMap((run): Shown[] =>
    (contents.get(run)?.items ?? [])
      .filter((item) => item.kind === "histogram")
      .map((item) => ({ run, name: labelIn(names)(names?.get(run) ?? { id: run, name: run }), item })),
  );
  if (!all.length)
    return <p className="chart-empty">{say(runs.every((run) => contents.has(run)) ? D.none : D.loading)}</p>;
  const shown = all.filter(({ item }) => fits(item.tag));
  return (
    <div className="charts">
      <div className="charts-top chart-controls" role="toolbar">
        <TextInput
          type="search"
          className="chart-search"
          aria-label={say(D.search)}
          placeholder={say(D.search)}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Segments
          label={say(D.manner)}
          value={manner}
          onChange={setManner}
          data={[
            { value: "ridges", label: say(D.ridges) },
            { value: "bands", label: say(D.bands) },
          ]}
        />
      </div>
      {[...bySection(shown)].map(([section, list]) => (
        <Fold key={section} name={`histograms/${section}`} title={section} count={list.length}>
          <div className="chart-grid distributions">
            {list.map(({ run, name, item }) => (
              <DistributionCard
                key={`${run}\n${item.tag}`}
                run={run}
                name={name}
                item={item}
                color={colorOf(run)}
                manner={manner === "bands" ? "bands" : ("ridges" as Manner)}
                scheme={scheme}
                several={runs.length > 1}
              />
            ))}
          </div>
        </Fold>
      ))}
      {!shown.length && <p className="chart-empty">{say(D.noMatch, { text: search })}</p>}
    </div>
  );
}

/** By the first part of the tag; the runs of one tag side by side. */
function bySection(shown: readonly Shown[]): Map<string, Shown[]> {
  const sorted = [...shown].sort((a, b) => sorter.compare(a.item.tag, b.item.tag));
  const found = new Map<string, Shown[]>();
  for (const one of sorted) {
    const section = one.item.tag.includes("/") ? (one.item.tag.split("/")[0] as string) : "…";
    found.set(section, [...(found.get(section) ?? []), one]);
  }
  return new Map(
    [...found].sort(([a], [b]) => -Number(a === "weights") + Number(b === "weights") || sorter.compare(a, b)),
  );
}
