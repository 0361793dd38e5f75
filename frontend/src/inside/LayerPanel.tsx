import { ActionIcon, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { get } from "../api/client";
import type { Items, Layer, Layers, Level, Run } from "../api/messages";
import { DistributionCard } from "../charts/DistributionCard";
import { Fold } from "../charts/Fold";
import { useContents } from "../charts/tags";
import { counted } from "../experiment/counts";
import { colorOf } from "../ui/colors";
import { bytes, number } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Said } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { GridView } from "./GridView";
import { type Measured, verdict } from "./health";
import { LayerCurves } from "./LayerCurves";
import { Outputs } from "./Marks";
import { pathOf } from "./paths";
import { RecordedMaps } from "./RecordedMaps";
import { useAsked } from "./told";
import { useLook } from "./useInside";
import { NUMBERS, type What } from "./words";

const W = {
  panel: ["The layer {layer}", "层 {layer}"],
  close: ["Close", "关闭"],
  numbers: ["Now", "当前"],
  curves: ["Over time", "随时间"],
  histograms: ["Distributions", "分布"],
  pictures: ["Kernels and feature maps", "卷积核与特征图"],
  recorded: ["Feature maps as they were recorded", "训练中记录的特征图"],
  none: ["Nothing was measured of it.", "没有它的测量数据。"],
  wait: ["The network is being opened…", "正在打开网络…"],
  noPictures: ["It has neither kernels nor feature maps to be drawn.", "它没有可绘制的卷积核或特征图。"],
  parameters: ["{count} parameters", "{count} 个参数"],
  holds: ["{count} layers", "{count} 层"],
} satisfies Record<string, Words>;

interface Props {
  run: Run;
  layer: string;
  levels: readonly Level[];
  onClose: () => void;
}

/** Everything about one layer: its numbers, their curves, its distributions, and what it sees. */
export function LayerPanel({ run, layer, levels, onClose }: Props) {
  const say = useSay();
  const measured = useLook((look) => look.measured.get(layer));
  const items = useItems(run.id, layer);
  const opened = useLayers(run);
  const own = opened.value?.layers.find(({ name }) => name === layer);
  return (
    <section className="layer-panel" aria-label={say(W.panel, { layer })}>
      <Head layer={layer} levels={levels} own={own} measured={measured} onClose={onClose} />
      <Fold name="inside/numbers" title={say(W.numbers)} count={numbersOf(measured).length}>
        {measured ? <Numbers measured={measured} /> : <p className="faint">{say(W.none)}</p>}
      </Fold>
      {run.document && (
        <Fold name="inside/pictures" title={say(W.pictures)} count={(own?.kernels ?? 0) + (own?.maps ?? 0)}>
          <Pictures run={run} own={own} opened={opened} />
        </Fold>
      )}
      <LayerCurves run={run.id} layer={layer} title={say(W.curves)} />
      {items.histograms.length > 0 && (
        <Fold name="inside/histograms" title={say(W.histograms)} count={items.histograms.length}>
          <Histograms run={run.id} items={items.histograms} />
        </Fold>
      )}
      {items.pictures.length > 0 && (
        <Fold name="inside/recorded" title={say(W.recorded)} count={items.pictures.length}>
          <RecordedMaps run={run.id} items={items.pictures} />
        </Fold>
      )}
    </section>
  );
}

interface HeadProps {
  layer: string;
  levels: readonly Level[];
  own: Layer | undefined;
  measured: Measured | undefined;
  onClose: () => void;
}

function Head({ layer, levels, own, measured, onClose }: HeadProps) {
  const say = useSay();
  const node = useMemo(
    () =>
      levels
        .flatMap((level) => level.nodes.map((node) => ({ path: pathOf(level, node), node })))
        .find(({ path }) => path === layer)?.node,
    [levels, layer],
  );
  const parameters = own?.parameters ?? node?.parameters ?? 0;
  const facts = [
    own?.type ?? node?.type ?? "",
    own?.output || (node?.outputs.join(", ") ?? ""),
    parameters ? say(W.parameters, { count: counted(parameters) }) : "",
    own?.macs ? `${counted(own.macs)} MAC` : "",
    measured && measured.layers.length > 1 ? say(W.holds, { count: measured.layers.length }) : "",
  ];
  return (
    <header className="layer-head">
      <div>
        <h2>{layer}</h2>
        <p className="faint">{facts.filter(Boolean).join(" · ")}</p>
      </div>
      <ActionIcon {...tip(say(W.close), "Esc")} onClick={onClose}>
        <Icon name="close" />
      </ActionIcon>
    </header>
  );
}

function numbersOf(measured: Measured | undefined): What[] {
  return (Object.keys(NUMBERS) as What[]).filter((what) => measured && what in measured.numbers);
}

const SHARES: readonly What[] = ["output_zeros", "output_saturated", "dead_units"];

function shownAs(what: What, value: number): string {
  if (what === "memory") return bytes(value);
  if (what === "milliseconds") return `${number(value, 3)} ms`;
  return SHARES.includes(what) && Number.isFinite(value) ? `${number(100 * value, 3)} %` : number(value);
}

function Numbers({ measured }: { measured: Measured }) {
  const say = useSay();
  const middles = useLook((look) => look.middles);
  return (
    <div className="layer-numbers">
      <dl>
        {numbersOf(measured).map((what) => {
          const value = measured.numbers[what] as number;
          return (
            <div key={what} className={verdict(what, value, middles)}>
              <dt>{say(NUMBERS[what])}</dt>
              <dd data-number={what}>{shownAs(what, value)}</dd>
            </div>
          );
        })}
      </dl>
      <Outputs found={measured} />
    </div>
  );
}

/** The layers as the process with torch sees them; asked for again once the first epoch has left something to open. */
function useLayers({ id, document, epoch }: Run) {
  return useAsked(`${id} ${epoch !== null && epoch > 0}`, {
    on: document,
    ask: (signal) => get<Layers>("inside/layers", { run: id }, signal),
  });
}

interface PicturesProps {
  run: Run;
  own: Layer | undefined;
  opened: ReturnType<typeof useLayers>;
}

function Pictures({ run, own, opened }: PicturesProps) {
  const say = useSay();
  if (opened.refused)
    return (
      <p className="faint">
        <Said text={opened.refused} />
      </p>
    );
  if (!opened.value)
    return (
      <p className="faint" role="status">
        <i className="skeleton" />
        {say(W.wait)}
      </p>
    );
  if (!own || own.kernels + own.maps === 0) return <p className="faint">{say(W.noPictures)}</p>;
  return <GridView run={run} layer={own} samples={opened.value.samples} />;
}

/** What was recorded of a layer that is no curve. */
function useItems(run: string, layer: string): { histograms: Items[]; pictures: Items[] } {
  const contents = useContents([run]).get(run);
  const live = useLook((look) => look.live?.layers.find(({ name }) => name === layer));
  return useMemo(() => {
    const of = (tags: readonly string[] | undefined) =>
      (tags ?? []).flatMap((tag) => contents?.items.find((one) => one.tag === tag) ?? []);
    return { histograms: of(live?.histograms), pictures: of(live?.pictures) };
  }, [contents, live]);
}

function Histograms({ run, items }: { run: string; items: readonly Items[] }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  return (
    <div className="chart-grid distributions">
      {items.map((item) => (
        <DistributionCard
          key={item.tag}
          run={run}
          name=""
          item={item}
          color={colorOf(run)}
          manner="ridges"
          scheme={scheme}
          several={false}
        />
      ))}
    </div>
  );
}
