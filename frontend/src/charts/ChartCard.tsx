import { ActionIcon } from "@mantine/core";
import { memo, useCallback, useRef, useState } from "react";
import { Icon } from "../ui/Icon";
import { Menu, MenuItem } from "../ui/Menu";
import { setParams } from "../ui/route";
import { Said } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import type { Cursor } from "./cursor";
import { fileName, type Print, save, saveCsv, toPng, toSvg } from "./exporting";
import type { Feed, Panel } from "./feed";
import { Plot } from "./Plot";
import type { ChartPlan, Split } from "./plan";
import type { ChartCurve, Plotter, Shown, Status } from "./plotter";
import { axisFor, type Settings } from "./settings";
import { useVisible } from "./useVisible";
import { W } from "./words";

interface Props {
  plan: ChartPlan;
  curves: readonly ChartCurve[];
  settings: Settings;
  scheme: "light" | "dark";
  height: number;
  feed: Feed;
  cursor: Cursor;
  pinned: boolean;
  /** none: it cannot be pinned */
  onPin?: (key: string) => void;
}

const nothing = () => {};
const READY: Status = { state: "loading", error: "", nonfinite: "" };

/** A chart with its title and menu; what is out of view is neither drawn nor asked for. */
export const ChartCard = memo(function ChartCard(props: Props) {
  const { plan, curves, settings, scheme, height, feed, cursor, pinned, onPin } = props;
  const say = useSay();
  const card = useRef<HTMLElement>(null);
  const plotter = useRef<Plotter | null>(null);
  const [earlier] = useState<{ panel: Panel | null }>({ panel: null });
  const [status, setStatus] = useState(READY);
  const visible = useVisible(card);
  const enlarged = settings.enlarged === plan.key;
  const shown = useShown(plan, curves, settings, scheme);
  const pin = onPin && (() => onPin(plan.key));
  const enlarge = () => setParams({ chart: enlarged ? null : plan.key }, false);
  const keep = useCallback((found: Plotter | null) => {
    plotter.current = found;
  }, []);
  return (
    <article ref={card} className="chart panel" aria-label={plan.title}>
      <div className="chart-head">
        <h4 title={[plan.title, ...plan.lines.map((line) => line.tag)].join("\n")}>{plan.title}</h4>
        <Splits plan={plan} />
        {status.nonfinite && (
          <span className="chart-nonfinite" title={say(W.notNumbers, { list: status.nonfinite })}>
            ▲ {status.nonfinite}
          </span>
        )}
        <ChartMenu
          pinned={pinned}
          enlarged={enlarged}
          {...(pin && { onPin: pin })}
          onEnlarge={enlarge}
          onExport={(kind) => plotter.current && exportChart(kind, plotter.current, shown, plan, say)}
        />
      </div>
      <div className="chart-body" style={{ height }}>
        {visible && (
          <Plot
            shown={shown}
            title={plan.title}
            height={height}
            feed={feed}
            cursor={cursor}
            earlier={earlier}
            onStatus={setStatus}
            onPlotter={keep}
            onPin={pin ?? nothing}
            onEnlarge={enlarge}
          />
        )}
        {visible && status.error && (
          <p className="chart-note">
            <Said text={status.error} />
          </p>
        )}
        {visible && !status.error && status.state === "empty" && (
          <p className="chart-note">{say(W.nothing)}</p>
        )}
      </div>
    </article>
  );
});

function useShown(
  plan: ChartPlan,
  curves: readonly ChartCurve[],
  settings: Settings,
  scheme: "light" | "dark",
): Omit<Shown, "width" | "height"> {
  const made = useRef<Omit<Shown, "width" | "height"> | null>(null);
  const now = { chart: plan.key, section: plan.section, curves, settings, scheme };
  const before = made.current;
  const same =
    before !== null &&
    (Object.keys(now) as (keyof typeof now)[]).every((name) => Object.is(before[name], now[name]));
  if (!same) made.current = now;
  return made.current as Omit<Shown, "width" | "height">;
}

/** Which line is which split; only where there are several. */
function Splits({ plan }: { plan: ChartPlan }) {
  const say = useSay();
  const splits = [...new Set(plan.lines.map((line) => line.split))].filter((split) => split !== "");
  if (splits.length < 2) return null;
  return (
    <span className="chart-splits">
      {splits.map((split) => (
        <span key={split}>
          <i className={`chart-split ${split}`} />
          {say(W[split as Exclude<Split, "">])}
        </span>
      ))}
    </span>
  );
}

type ExportKind = "png" | "svg" | "csv";

interface MenuProps {
  pinned: boolean;
  enlarged: boolean;
  onPin?: () => void;
  onEnlarge: () => void;
  onExport: (kind: ExportKind) => void;
}

const EXPORTS: readonly [ExportKind, Words][] = [
  ["png", W.exportPng],
  ["svg", W.exportSvg],
  ["csv", W.exportCsv],
];

function ChartMenu({ pinned, enlarged, onPin, onEnlarge, onExport }: MenuProps) {
  const say = useSay();
  const [size, sizeKeys] = enlarged ? [W.shrink, "Esc"] : [W.enlarge, "Enter"];
  return (
    <span className="chart-tools">
      {pinned && onPin && (
        <ActionIcon {...tip(say(W.unpin), "P")} onClick={onPin}>
          <Icon name="star" />
        </ActionIcon>
      )}
      <ActionIcon {...tip(say(size), sizeKeys)} onClick={onEnlarge}>
        <Icon name={enlarged ? "shrink" : "enlarge"} />
      </ActionIcon>
      <Menu
        text={<Icon name="more" />}
        label={say(W.menu)}
        tip={say(W.menu)}
        button={(props) => <ActionIcon {...props} />}
      >
        {onPin && (
          <MenuItem keys="P" onClick={onPin}>
            {say(pinned ? W.unpin : W.pin)}
          </MenuItem>
        )}
        <MenuItem keys={sizeKeys} onClick={onEnlarge}>
          {say(size)}
        </MenuItem>
        <hr />
        {EXPORTS.map(([kind, words]) => (
          <MenuItem key={kind} onClick={() => onExport(kind)}>
            {say(words)}
          </MenuItem>
        ))}
      </Menu>
    </span>
  );
}

async function exportChart(
  kind: ExportKind,
  plotter: Plotter,
  shown: Omit<Shown, "width" | "height">,
  plan: ChartPlan,
  say: ReturnType<typeof useSay>,
): Promise<void> {
  if (kind === "csv") {
    const curves = shown.curves.filter((curve) => !shown.settings.hidden.includes(curve.owner));
    const runs = [...new Set(curves.flatMap((curve) => curve.spec.runs))];
    saveCsv(runs, [...new Set(curves.map((curve) => curve.spec.tag))], fileName(plan.title, "csv"));
    return;
  }
  const print = printOf(plotter, shown, plan, say);
  const content = kind === "svg" ? new Blob([toSvg(print)], { type: "image/svg+xml" }) : await toPng(print);
  if (content) save(content, fileName(plan.title, kind));
}

function printOf(
  plotter: Plotter,
  shown: Omit<Shown, "width" | "height">,
  plan: ChartPlan,
  say: ReturnType<typeof useSay>,
): Print {
  const figure = plotter.figure();
  const { x, metric } = axisFor(shown.section, shown.settings);
  const several = plan.lines.length > 1;
  const curves = plotter.visible().map(({ curve }, place) => ({
    ...(figure.curves[place] as (typeof figure.curves)[number]),
    weight: 1,
    label: several ? `${curve.label} · ${curve.split ? say(W[curve.split]) : curve.spec.tag}` : curve.label,
  }));
  return { ...figure, title: plan.title, xName: x === "metric" ? (metric as string) : say(W[x]), curves };
}
