import { ActionIcon, Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { number } from "../ui/format";
import { Icon } from "../ui/Icon";
import { setParams } from "../ui/route";
import { Slider } from "../ui/Slider";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { span } from "./scale";
import { axisName, type Settings, setZoom } from "./settings";
import { W } from "./words";

interface Props {
  settings: Settings;
  tags: readonly string[];
  columns: number;
  onColumns: (columns: number) => void;
}

/** How all charts are drawn; every choice stands in the address. */
export function Controls({ settings, tags, columns, onColumns }: Props) {
  return (
    <div className="chart-controls" role="toolbar">
      <SearchBox text={settings.search} />
      <AxisSelect settings={settings} tags={tags} />
      <SmoothingSlider value={settings.smoothing} />
      <Toggle name="logx" words={W.logX} on={settings.logX} />
      <Toggle name="logy" words={W.logY} on={settings.logY} />
      <Toggle name="outliers" words={W.outliers} help={W.outliersHelp} on={settings.outliers} first />
      <Toggle name="overlap" words={W.both} help={W.bothHelp} on={settings.overlap === "both"} value="both" />
      <Zooms settings={settings} />
      <Columns columns={columns} onColumns={onColumns} />
    </div>
  );
}

/** A text of the address that follows the typing a little later. */
function useDelayed<T>(value: T, write: (value: T) => void, delay: number): [T, (value: T) => void] {
  const [draft, setDraft] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setDraft(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return [
    draft,
    (next) => {
      setDraft(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => write(next), delay);
    },
  ];
}

function SearchBox({ text }: { text: string }) {
  const say = useSay();
  const [draft, setDraft] = useDelayed(text, (value) => setParams({ tag: value || null }), 150);
  return (
    <TextInput
      type="search"
      className="chart-search"
      aria-label={say(W.search)}
      placeholder={say(W.search)}
      title={say(W.searchHelp)}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
    />
  );
}

function AxisSelect({ settings, tags }: { settings: Settings; tags: readonly string[] }) {
  const say = useSay();
  const clocks = (["step", "epoch", "relative", "time"] as const).map((kind) => ({
    value: kind,
    label: say(W[kind]),
  }));
  const metrics = tags.map((tag) => ({ value: `metric:${tag}`, label: tag }));
  return (
    <NativeSelect
      aria-label={say(W.x)}
      className="chart-axis"
      value={axisName(settings.x, settings.metric)}
      data={[
        { group: say(W.clockAxis), items: clocks },
        { group: say(W.metricAxis), items: metrics },
      ]}
      title={say(W.x)}
      onChange={({ currentTarget: { value } }) => setParams({ x: value === "step" ? null : value })}
    />
  );
}

function SmoothingSlider({ value }: { value: number }) {
  const say = useSay();
  const [draft, setDraft] = useDelayed(
    value,
    (next) => setParams({ smooth: next ? String(next) : null }),
    60,
  );
  return (
    <div className="chart-smoothing" title={say(W.smoothingHelp)}>
      <span>{say(W.smoothing)}</span>
      <Slider
        aria-label={say(W.smoothing)}
        min={0}
        max={0.99}
        step={0.01}
        value={draft}
        onChange={setDraft}
      />
      <output>{draft.toFixed(2)}</output>
    </div>
  );
}

interface ToggleProps {
  name: string;
  words: Words;
  help?: Words;
  on: boolean;
  value?: string;
  /** on unless the address says otherwise */
  first?: boolean;
}

function Toggle({ name, words, help, on, value = "1", first = false }: ToggleProps) {
  const say = useSay();
  return (
    <Checkbox
      label={say(words)}
      title={help && say(help)}
      checked={on}
      onChange={(event) => {
        const wanted = event.currentTarget.checked;
        setParams({ [name]: wanted === first ? null : wanted ? value : "0" });
      }}
    />
  );
}

function Zooms({ settings }: { settings: Settings }) {
  const say = useSay();
  return [...settings.zooms].map(([axis, [low, high]]) => (
    <Button key={axis} title={say(W.resetZoom)} onClick={() => setZoom(settings, axis, null)}>
      {bounds(axis, low, high)} <Icon name="close" />
    </Button>
  ));
}

function bounds(axis: string, low: number, high: number): string {
  if (axis === "relative") return `${span(low, (high - low) / 100)} – ${span(high, (high - low) / 100)}`;
  const clock = (seconds: number) => new Date(seconds * 1000).toLocaleTimeString("en-GB");
  if (axis === "time") return `${clock(low)} – ${clock(high)}`;
  const digits = Math.max(
    3,
    Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low))) + 2,
  );
  const short = (value: number) =>
    number(Number(value.toPrecision(Math.min(15, digits))), Math.min(15, digits));
  return `${short(low)} – ${short(high)}`;
}

function Columns({ columns, onColumns }: Pick<Props, "columns" | "onColumns">) {
  const say = useSay();
  return (
    <ActionIcon.Group className="chart-columns" aria-label={say(W.columns)} role="group">
      {[1, 2, 3, 4].map((count) => (
        <ActionIcon
          key={count}
          variant={count === columns ? "filled" : "default"}
          aria-pressed={count === columns}
          {...tip(`${say(W.columns)}: ${count}`)}
          onClick={() => onColumns(count)}
        >
          {count}
        </ActionIcon>
      ))}
    </ActionIcon.Group>
  );
}
