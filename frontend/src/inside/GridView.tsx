import { ActionIcon, Button } from "@mantine/core";
import { useState } from "react";
import { send } from "../api/client";
import type { Grid, GridRequest, Layer, Run } from "../api/messages";
import { fileName, save } from "../charts/exporting";
import { number } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Segments } from "../ui/Segments";
import { Said } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { composed } from "./gridPicture";
import { useAsked } from "./told";

const W = {
  what: ["What is drawn", "绘制内容"],
  kernels: ["Kernels", "卷积核"],
  maps: ["Feature maps", "特征图"],
  sample: ["Sample", "样本"],
  weights: ["Weights", "权重"],
  best: ["best", "最佳"],
  last: ["last", "最后"],
  first: ["first", "初始"],
  scale: ["Scale of the values", "数值范围"],
  each: ["each by itself", "各自归一化"],
  together: ["all together", "统一归一化"],
  before: ["Previous page", "上一页"],
  after: ["Next page", "下一页"],
  page: ["{page} of {pages}", "第 {page} / {pages} 页"],
  png: ["Download as PNG", "下载 PNG"],
  cell: ["channel {channel}: {low} to {high}", "通道 {channel}：{low} 到 {high}"],
  total: ["{total} of {width}×{height}", "{total} 个，{width}×{height}"],
  input: ["the sample", "输入样本"],
} satisfies Record<string, Words>;

type Asked = Omit<GridRequest, "run" | "layer">;

/** Kernels and feature maps of a layer, as the process with torch draws them. */
export function GridView({ run, layer, samples }: { run: Run; layer: Layer; samples: number }) {
  const [asked, setAsked] = useState<Asked>({
    what: layer.maps ? "maps" : "kernels",
    sample: 0,
    together: false,
    page: 0,
    weights: "best",
  });
  const { value: grid, refused, busy } = useGrid(run, layer.name, asked);
  const change = (part: Partial<Asked>) => setAsked((before) => ({ ...before, page: 0, ...part }));
  return (
    <div className="grid-view">
      <Controls layer={layer} samples={samples} asked={asked} onChange={change} />
      {refused && (
        <p className="faint">
          <Said text={refused} />
        </p>
      )}
      {grid ? (
        <Cells grid={grid} waiting={busy} />
      ) : (
        !refused && <Blank count={Math.min(16, layer[asked.what])} />
      )}
      {grid && <Foot grid={grid} layer={layer} asked={asked} onChange={change} />}
    </div>
  );
}

const AGAIN = 3000;

/** The page that is asked for; the one before it stays until it has come. After an epoch the weights are others. */
function useGrid(run: Run, layer: string, asked: Asked) {
  const body: GridRequest = { run: run.id, layer, ...asked };
  return useAsked(JSON.stringify(body), {
    ask: (signal) => send<Grid>("POST", "inside/grid", body, {}, signal),
    news: asked.weights === "first" ? null : run.epoch,
    pause: AGAIN,
  });
}

interface ControlsProps {
  layer: Layer;
  samples: number;
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

function Controls({ layer, samples, asked, onChange }: ControlsProps) {
  const say = useSay();
  const whats = (["maps", "kernels"] as const).filter((what) => layer[what] > 0);
  return (
    <div className="grid-controls">
      {whats.length > 1 && (
        <Segments
          label={say(W.what)}
          value={asked.what}
          onChange={(what) => onChange({ what })}
          data={whats.map((value) => ({ value, label: say(W[value]) }))}
        />
      )}
      {asked.what === "maps" && samples > 1 && (
        <label>
          {say(W.sample)}
          <select
            value={asked.sample}
            onChange={(event) => onChange({ sample: Number(event.currentTarget.value) })}
          >
            {Array.from({ length: samples }, (_, at) => at).map((at) => (
              <option key={at} value={at}>
                {at + 1}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {say(W.weights)}
        <select
          value={asked.weights}
          onChange={(event) => onChange({ weights: event.currentTarget.value as Asked["weights"] })}
        >
          {(["best", "last", "first"] as const).map((one) => (
            <option key={one} value={one}>
              {say(W[one])}
            </option>
          ))}
        </select>
      </label>
      <select
        aria-label={say(W.scale)}
        value={asked.together ? "together" : "each"}
        onChange={(event) =>
          onChange({ together: event.currentTarget.value === "together", page: asked.page })
        }
      >
        <option value="each">{say(W.each)}</option>
        <option value="together">{say(W.together)}</option>
      </select>
    </div>
  );
}

function Cells({ grid, waiting }: { grid: Grid; waiting: boolean }) {
  const say = useSay();
  return (
    <div className={waiting ? "grid-cells waiting" : "grid-cells"}>
      {grid.input && (
        <figure className="grid-input">
          <img src={grid.input} alt={say(W.input)} title={say(W.input)} />
        </figure>
      )}
      {grid.cells.map(({ channel, picture, low, high }) => {
        const told = say(W.cell, { channel, low: number(low, 3), high: number(high, 3) });
        return (
          <figure key={channel} title={told}>
            <img src={picture} alt={told} />
            <figcaption>{channel}</figcaption>
          </figure>
        );
      })}
    </div>
  );
}

function Blank({ count }: { count: number }) {
  return (
    <div className="grid-cells" role="status">
      {Array.from({ length: count }, (_, at) => at).map((at) => (
        <figure key={at}>
          <i className="skeleton" />
        </figure>
      ))}
    </div>
  );
}

interface FootProps {
  grid: Grid;
  layer: Layer;
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

function Foot({ grid, layer, asked, onChange }: FootProps) {
  const say = useSay();
  const { page } = asked;
  const download = async () => {
    const content = await composed(grid);
    if (content) save(content, fileName(`${layer.name} ${asked.what} ${page + 1}`, "png"));
  };
  return (
    <div className="grid-foot">
      <span className="faint">
        {say(W.total, { total: grid.total, width: grid.width, height: grid.height })}
      </span>
      {grid.pages > 1 && (
        <>
          <ActionIcon
            {...tip(say(W.before))}
            disabled={page === 0}
            onClick={() => onChange({ page: page - 1 })}
          >
            <Icon name="before" />
          </ActionIcon>
          <span>{say(W.page, { page: page + 1, pages: grid.pages })}</span>
          <ActionIcon
            {...tip(say(W.after))}
            disabled={page + 1 >= grid.pages}
            onClick={() => onChange({ page: page + 1 })}
          >
            <Icon name="after" />
          </ActionIcon>
        </>
      )}
      <Button ml="auto" onClick={download}>
        {say(W.png)}
      </Button>
    </div>
  );
}
