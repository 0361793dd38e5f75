import "./inside.css";
import { ActionIcon } from "@mantine/core";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useLive } from "../api/live";
import type { Drawing, Level, LiveLayers, Run } from "../api/messages";
import { Sign } from "../canvas/Sign";
import { flow } from "../canvas/state";
import { Crumbs } from "../canvas/Tools";
import { number } from "../ui/format";
import { kept } from "../ui/kept";
import { setParams, useParam } from "../ui/route";
import { Segments } from "../ui/Segments";
import { Splitter } from "../ui/Splitter";
import { Said } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { AliveCanvas } from "./AliveCanvas";
import { HeatOverview } from "./HeatOverview";
import { LayerList } from "./LayerList";
import { LayerPanel } from "./LayerPanel";
import { useInside, useLook } from "./useInside";

const W = {
  view: ["What is shown", "显示内容"],
  drawing: ["Drawing", "结构图"],
  list: ["Layers", "层"],
  heat: ["Layers over time", "各层随时间"],
  turn: ["Downwards or to the right", "向下或向右排列"],
  step: ["step {step}", "第 {step} 步"],
  ill: ["out of the healthy band", "超出正常范围"],
  width: ["Width of the panel", "面板宽度"],
  soon: ["The first numbers come with the first steps.", "训练开始后会显示首批数据。"],
  ours: [
    "This run has no statistics of its layers. Write `statistics: 10` under `train: record:` of its document, and train again.",
    "该运行没有记录各层统计。请在文档的 `train: record:` 下写入 `statistics: 10`，然后重新训练。",
  ],
  theirs: [
    "This run has no statistics of its layers. In a training loop of your own, `run.watch(model)` records them.",
    "该运行没有记录各层统计。在自己的训练循环中调用 `run.watch(model)` 即可记录。",
  ],
} satisfies Record<string, Words>;

const widthKept = kept("inside.width", 400);
const RANGE = [300, 900] as const;
type View = "drawing" | "heat";

/** Inside the network of a run: its drawing alive, each layer, and all of them over time. */
export default function InsideTab({ run }: { run: Run }) {
  const error = useInside(run.id);
  const live = useLook((look) => (look.run === run.id ? look.live : null));
  const [layer] = useParam("layer", "");
  const [view, setView] = useParam("look", "drawing");
  const choose = useCallback((name: string) => setParams({ layer: name || null }), []);
  const [place, setPlace] = useState<{ drawing: Drawing; level: Level } | null>(null);
  const drawn = live !== null && live.document !== "";
  const empty = live !== null && !drawn && live.layers.length === 0;
  return (
    <div className="inside draw">
      <Head
        run={run}
        live={live}
        view={view as View}
        onView={setView}
        place={view === "heat" ? null : place}
      />
      {error && (
        <p className="inside-note">
          <Said text={error} />
        </p>
      )}
      {live && <Missing run={run} live={live} />}
      <div className="inside-body" hidden={empty}>
        <div className="inside-main">
          {view === "heat" ? (
            <HeatOverview run={run.id} layer={layer} onLayer={choose} />
          ) : drawn ? (
            <AliveCanvas
              run={run.id}
              text={live.document}
              layer={layer}
              onLayer={choose}
              onDrawn={setPlace}
            />
          ) : (
            live && <LayerList layers={live.layers} layer={layer} onLayer={choose} />
          )}
        </div>
        {layer && <Side run={run} layer={layer} place={place} onClose={() => choose("")} />}
      </div>
    </div>
  );
}

interface HeadProps {
  run: Run;
  live: LiveLayers | null;
  view: View;
  onView: (view: View) => void;
  place: { drawing: Drawing; level: Level } | null;
}

function Head({ run, live, view, onView, place }: HeadProps) {
  const say = useSay();
  const first = say(live?.document === "" ? W.list : W.drawing);
  return (
    <div className="inside-head">
      <Segments
        label={say(W.view)}
        value={view}
        onChange={onView}
        data={[
          { value: "drawing", label: first },
          { value: "heat", label: say(W.heat) },
        ]}
      />
      {place && <Crumbs bench={place} />}
      {place && <Turn />}
      <span className="inside-legend">
        <i className="ill" /> {say(W.ill)}
        {live?.step != null && (
          <b data-step={live.step} className={run.status === "running" ? "alive-now" : undefined}>
            {say(W.step, { step: number(live.step) })}
          </b>
        )}
      </span>
    </div>
  );
}

/** Which way the drawing flows: the same for all drawings of this person. */
function Turn() {
  const say = useSay();
  const way = useSyncExternalStore(flow.subscribe, flow.get);
  return (
    <ActionIcon {...tip(say(W.turn))} onClick={() => flow.set(way === "TB" ? "LR" : "TB")}>
      <Sign name={way === "TB" ? "down" : "right"} />
    </ActionIcon>
  );
}

/** What to record, where nothing was. */
function Missing({ run, live }: { run: Run; live: LiveLayers }) {
  const say = useSay();
  const known = live.layers.some(({ numbers }) => "output_std" in numbers || "gradient_norm" in numbers);
  if (known) return null;
  const begins = run.status === "running" && (run.step ?? 0) < 20;
  const [text, ...parts] = say(begins ? W.soon : live.document ? W.ours : W.theirs).split("`");
  return (
    <p className="inside-note">
      {text}
      {parts.map((part, at) => (at % 2 ? part : <code key={part}>{part}</code>))}
    </p>
  );
}

interface SideProps {
  run: Run;
  layer: string;
  place: { drawing: Drawing; level: Level } | null;
  onClose: () => void;
}

function Side({ run, layer, place, onClose }: SideProps) {
  const say = useSay();
  const width = useSyncExternalStore(widthKept.subscribe, widthKept.get);
  const known = useLive((state) => state.runs?.get(run.id)) ?? run;
  const levels = useMemo(() => place?.drawing.levels ?? [], [place]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => event.key === "Escape" && !event.defaultPrevented && onClose();
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [onClose]);
  return (
    <>
      <Splitter
        label={say(W.width)}
        className="draw-splitter"
        width={width}
        range={RANGE}
        behind
        onChange={widthKept.set}
      />
      <aside className="inside-side" style={{ width }}>
        <LayerPanel key={layer} run={known} layer={layer} levels={levels} onClose={onClose} />
      </aside>
    </>
  );
}
