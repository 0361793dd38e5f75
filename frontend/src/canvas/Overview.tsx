import { useComputedColorScheme } from "@mantine/core";
import { useReactFlow, useStore } from "@xyflow/react";
import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useSay, type Words } from "../ui/words";
import type { SheetNode } from "./scene";

const W = { map: ["Overview", "缩略图"] } satisfies Record<string, Words>;

const [WIDTH, HEIGHT, EDGE] = [140, 100, 8];
/** A row of thousands of nodes is still so broad. */
const BAND = 20;

/** How the sheet is put into the map: a point is `x * scale + move`, along each axis by itself. */
interface Fit {
  scale: [number, number];
  move: [number, number];
}

/** In a smaller window the map would lie on nodes that one looks at. */
const ROOMY = [900, 360] as const;

/** All nodes of a level in small, and what of it is in view: a press goes there. */
export function Overview({ nodes }: { nodes: readonly SheetNode[] }) {
  const roomy = useStore(({ width, height }) => width >= ROOMY[0] && height >= ROOMY[1]);
  return roomy ? <Small nodes={nodes} /> : null;
}

function Small({ nodes }: { nodes: readonly SheetNode[] }) {
  const say = useSay();
  const paper = useRef<HTMLCanvasElement>(null);
  const key = useRef<HTMLSpanElement>(null);
  const fit = useMemo(() => fitOf(nodes), [nodes]);
  const all = [...new Set(nodes.map(kindOf))].join("\n");
  const kinds = useMemo(() => all.split("\n"), [all]);
  const scheme = useComputedColorScheme();
  const [colors, setColors] = useState<ReadonlyMap<string, string>>(new Map());
  // Asked for once, not in each frame of a drag: a style that is asked for is reckoned at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours
  useEffect(() => {
    const color = (at: number) => getComputedStyle(key.current?.children[at] as Element).color;
    setColors(new Map(kinds.map((kind, at) => [kind, color(at)])));
  }, [kinds, scheme]);
  useEffect(() => {
    if (paper.current && colors.size) paint(paper.current, nodes, fit, colors);
  }, [nodes, fit, colors]);
  const go = useGoing(fit);
  return (
    <section className="draw-overview nopan nowheel" aria-label={say(W.map)} {...go}>
      <canvas ref={paper} />
      <Frame fit={fit} />
      <span ref={key} hidden>
        {kinds.map((kind) => (
          <i key={kind} className={kind} />
        ))}
      </span>
    </section>
  );
}

/** What is in view. */
function Frame({ fit }: { fit: Fit }) {
  const place = useStore(({ transform: [x, y, zoom], width, height }) => {
    const [left, top] = [-x / zoom, -y / zoom].map((low, axis) => at(low, fit, axis)) as [number, number];
    const [w, h] = [(width / zoom) * fit.scale[0], (height / zoom) * fit.scale[1]];
    return `${left.toFixed(1)} ${top.toFixed(1)} ${Math.max(4, w).toFixed(1)} ${Math.max(4, h).toFixed(1)}`;
  });
  const [left, top, width, height] = place.split(" ").map(Number);
  return <div className="draw-frame" style={{ left, top, width, height }} />;
}

function useGoing(fit: Fit) {
  const flow = useReactFlow();
  return useMemo(() => {
    const go = (event: PointerEvent<HTMLElement>) => {
      const { left, top } = event.currentTarget.getBoundingClientRect();
      const [x, y] = [event.clientX - left - 1, event.clientY - top - 1].map(
        (point, axis) => (point - (fit.move[axis] as number)) / (fit.scale[axis] as number),
      ) as [number, number];
      flow.setCenter(x, y, { zoom: flow.getZoom() });
    };
    return {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => event.buttons && go(event),
    };
  }, [flow, fit]);
}

/** The whole sheet fits, in its own proportions, as long as it is no mere line. */
function fitOf(nodes: readonly SheetNode[]): Fit {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { position, width = 0, height = 0 } of nodes) {
    low[0] = Math.min(low[0] as number, position.x);
    low[1] = Math.min(low[1] as number, position.y);
    high[0] = Math.max(high[0] as number, position.x + width);
    high[1] = Math.max(high[1] as number, position.y + height);
  }
  const room = [WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE];
  const sizes = room.map((_, axis) => Math.max(1, (high[axis] as number) - (low[axis] as number)));
  const common = Math.min(...room.map((size, axis) => size / (sizes[axis] as number)));
  const scale = sizes.map((size) => Math.max(common, Math.min(BAND / size, 0.1))) as [number, number];
  const move = sizes.map(
    (size, axis) =>
      EDGE +
      ((room[axis] as number) - size * (scale[axis] as number)) / 2 -
      (low[axis] as number) * (scale[axis] as number),
  ) as [number, number];
  return { scale, move };
}

const at = (value: number, { scale, move }: Fit, axis: number) =>
  value * (scale[axis] as number) + (move[axis] as number);

const kindOf = (node: SheetNode) =>
  node.type === "layer" ? `draw-map hue-${node.data.hue} is-${node.data.node.state}` : "draw-map";

function paint(
  paper: HTMLCanvasElement,
  nodes: readonly SheetNode[],
  fit: Fit,
  colors: ReadonlyMap<string, string>,
): void {
  const dense = window.devicePixelRatio || 1;
  paper.width = WIDTH * dense;
  paper.height = HEIGHT * dense;
  const brush = paper.getContext("2d");
  if (!brush) return;
  brush.scale(dense, dense);
  for (const node of nodes) {
    brush.fillStyle = colors.get(kindOf(node)) ?? "gray";
    const [width, height] = [node.width ?? 0, node.height ?? 0];
    const [x, y] = [at(node.position.x, fit, 0), at(node.position.y, fit, 1)];
    brush.fillRect(x, y, Math.max(1, width * fit.scale[0]), Math.max(1, height * fit.scale[1]));
  }
}
