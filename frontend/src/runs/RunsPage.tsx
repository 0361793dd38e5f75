import { Button } from "@mantine/core";
import { type ReactNode, useSyncExternalStore } from "react";
import { CurvesView } from "../charts/CurvesView";
import { DistributionsView } from "../charts/DistributionsView";
import { MediaView } from "../media/MediaView";
import { kept } from "../ui/kept";
import { go, setParams, useParam } from "../ui/route";
import { Splitter } from "../ui/Splitter";
import { TabList } from "../ui/TabList";
import { useTitle } from "../ui/title";
import { useSay, type Words } from "../ui/words";
import { DifferencesView } from "./DifferencesView";
import { DrawingMenu } from "./DrawingMenu";
import { FilterBox } from "./FilterBox";
import { PlotsView } from "./PlotsView";
import { RunsList } from "./RunsList";
import { type Runs, useRuns, useStable } from "./state";
import { TableView } from "./TableView";
import "./runs.css";

const RANGE = [200, 640] as const;
const W = {
  width: ["Width of the list", "列表宽度"],
  runs: ["Runs", "运行"],
  views: ["Views", "视图"],
  curves: ["Curves", "曲线"],
  distributions: ["Distributions", "分布"],
  media: ["Media", "媒体"],
  table: ["Table", "表格"],
  plots: ["Plots", "关系图"],
  differences: ["Differences", "差异"],
  noRuns: ["There are no runs in this folder yet.", "这个文件夹里还没有运行。"],
  begin: [
    "Train a first model from a template, or open a folder with logs: torchwork open FOLDER.",
    "从模板训练第一个模型，或打开包含日志的文件夹：torchwork open FOLDER。",
  ],
  start: ["Choose a template", "选择模板"],
  noMatch: ["No run matches the filter.", "没有符合筛选条件的运行。"],
  noneSelected: [
    "No run is shown. Check some in the list at the left.",
    "没有勾选任何运行。请在左侧列表中勾选。",
  ],
  many: ["The first {count} of {all} checked runs are drawn.", "已勾选 {all} 个运行，只绘制前 {count} 个。"],
} satisfies Record<string, Words>;

const TABS = ["curves", "distributions", "media", "table", "plots", "differences"] as const;
type Tab = (typeof TABS)[number];
const DRAWN = 100;

const width = kept("runs.width", 300);

/** The runs of the folder: listed, filtered, chosen at the left, compared at the right. */
export function RunsPage() {
  const say = useSay();
  const runs = useRuns();
  useTitle(useSay()(W.runs));
  const [wanted] = useParam("tab", "curves");
  const tab = TABS.find((one) => one === wanted) ?? "curves";
  const left = useSyncExternalStore(width.subscribe, width.get);
  if (runs.all && !runs.all.length) return <NoRuns />;
  return (
    <div className="runs-page" style={{ gridTemplateColumns: `${left}px 5px minmax(0, 1fr)` }}>
      <FilterBox runs={runs} />
      <Tabs tab={tab} runs={runs} />
      {tab !== "table" && (
        <>
          <RunsList runs={runs} />
          <Splitter
            label={say(W.width)}
            className="runs-splitter"
            width={left}
            range={RANGE}
            onChange={width.set}
          />
        </>
      )}
      <section
        id="runs-view"
        role="tabpanel"
        aria-labelledby={`runs-tab-${tab}`}
        className={tab === "table" ? "runs-view whole" : "runs-view"}
      >
        {runs.all && <View tab={tab} runs={runs} />}
      </section>
    </div>
  );
}

function Tabs({ tab, runs }: { tab: Tab; runs: Runs }) {
  const say = useSay();
  return (
    <div className="runs-tabs">
      <TabList
        name="runs"
        label={say(W.views)}
        tab={tab}
        tabs={TABS.map((one) => [one, say(W[one])] as const)}
        onOpen={(one) => setParams({ tab: one === "curves" ? null : one }, false)}
      />
      <DrawingMenu runs={runs} />
    </div>
  );
}

function View({ tab, runs }: { tab: Tab; runs: Runs }): ReactNode {
  const say = useSay();
  const ids = useStable(runs.picked.slice(0, DRAWN).map((run) => run.id));
  if (tab === "table") return <TableView runs={runs} />;
  if (tab === "plots") return <PlotsView runs={runs} />;
  if (!runs.picked.length)
    return <p className="faint runs-empty">{say(runs.shown.length ? W.noneSelected : W.noMatch)}</p>;
  if (tab === "differences") return <DifferencesView runs={runs} />;
  return (
    <>
      {runs.picked.length > DRAWN && (
        <p className="faint runs-empty">{say(W.many, { count: DRAWN, all: runs.picked.length })}</p>
      )}
      {tab === "curves" && (
        <CurvesView
          runs={ids}
          {...(runs.groups && { groups: runs.groups })}
          {...(runs.colors && { colors: runs.colors })}
        />
      )}
      {tab === "distributions" && <DistributionsView runs={ids} />}
      {tab === "media" && <MediaView runs={ids} />}
    </>
  );
}

function NoRuns() {
  const say = useSay();
  return (
    <div className="runs-none">
      <h2>{say(W.noRuns)}</h2>
      <p className="faint">{say(W.begin)}</p>
      <Button variant="filled" onClick={() => go("/")}>
        {say(W.start)}
      </Button>
    </div>
  );
}
