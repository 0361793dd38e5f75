import { lazy, type ReactNode, Suspense } from "react";
import { useLive } from "../api/live";
import type { Run } from "../api/messages";
import { CurvesView } from "../charts/CurvesView";
import { DistributionsView } from "../charts/DistributionsView";
import { MediaView } from "../media/MediaView";
import { Link } from "../ui/Link";
import { useParam, useRoute } from "../ui/route";
import { TabList } from "../ui/TabList";
import { useTitle } from "../ui/title";
import { useSay, type Words } from "../ui/words";
import { ConsoleView } from "./ConsoleView";
import { RunHead } from "./RunHead";
import { SettingsView } from "./SettingsView";
import { TryView } from "./TryView";
import "./run.css";

// What few look at in each visit comes when somebody does.
const InsideTab = lazy(() => import("../inside/InsideTab"));
const Predictions = lazy(() => import("../inside/Predictions"));

const W = {
  curves: ["Curves", "曲线"],
  inside: ["Inside", "内部"],
  distributions: ["Distributions", "分布"],
  media: ["Media", "媒体"],
  console: ["Console", "控制台"],
  settings: ["Settings", "设置"],
  try: ["Try", "试用"],
  predictions: ["Predictions", "预测分析"],
  views: ["Views of the run", "运行的视图"],
  gone: [
    "There is no run {run} in this folder. It may have been renamed, moved or deleted.",
    "此文件夹中没有运行 {run}，它可能已被重命名、移动或删除。",
  ],
  none: ["No run is chosen.", "没有选择运行。"],
  all: ["All runs", "所有运行"],
} satisfies Record<string, Words>;

interface View {
  name: "curves" | "inside" | "distributions" | "media" | "console" | "settings" | "try" | "predictions";
  /** only of runs that torchwork made, or of those that it can open again */
  of?: "own" | "document";
  /** fills the rest of the window and scrolls within */
  filling?: boolean;
}

const VIEWS: readonly View[] = [
  { name: "curves" },
  { name: "inside", filling: true },
  { name: "distributions" },
  { name: "media" },
  { name: "console", of: "own", filling: true },
  { name: "settings" },
  { name: "try", of: "document" },
  { name: "predictions", of: "document" },
];

/** Everything about one run. */
export function RunPage() {
  const say = useSay();
  const { params } = useRoute();
  const id = params.get("run") ?? "";
  const run = useLive((live) => live.runs?.get(id));
  const known = useLive((live) => live.runs !== null);
  // A run that was started this moment is known to the queue first.
  const coming = useLive((live) => live.queue?.jobs.some((job) => job.run === id && job.state !== "ended"));
  useTitle(run?.name ?? "");
  if (run) return <Chosen key={id} run={run} />;
  if (!known || coming) return null;
  return (
    <div className="run-empty">
      <p>{id ? say(W.gone, { run: id }) : say(W.none)}</p>
      <Link href="/runs">{say(W.all)}</Link>
    </div>
  );
}

function Chosen({ run }: { run: Run }) {
  const say = useSay();
  const [tab, setTab] = useParam("tab", "curves");
  const views = VIEWS.filter(({ of }) => !of || run[of]);
  const view = views.find(({ name }) => name === tab) ?? (VIEWS[0] as View);
  return (
    <div className={view.filling ? "run-page run-filling" : "run-page"}>
      <RunHead run={run} />
      <div className="run-tabs">
        <TabList
          name="run"
          label={say(W.views)}
          tab={view.name}
          tabs={views.map(({ name }) => [name, say(W[name])] as const)}
          onOpen={setTab}
        />
      </div>
      <div
        key={view.name}
        id="run-view"
        role="tabpanel"
        aria-labelledby={`run-tab-${view.name}`}
        className="run-view"
      >
        {shown(view.name, run)}
      </div>
    </div>
  );
}

function shown(name: View["name"], run: Run): ReactNode {
  const runs = [run.id];
  switch (name) {
    case "curves":
      return <CurvesView runs={runs} />;
    case "inside":
      return (
        <Suspense fallback={null}>
          <InsideTab run={run} />
        </Suspense>
      );
    case "distributions":
      return <DistributionsView runs={runs} />;
    case "media":
      return <MediaView runs={runs} />;
    case "console":
      return <ConsoleView run={run.id} />;
    case "settings":
      return <SettingsView run={run} />;
    case "try":
      return <TryView run={run.id} />;
    case "predictions":
      return (
        <Suspense fallback={null}>
          <Predictions run={run.id} />
        </Suspense>
      );
  }
}
