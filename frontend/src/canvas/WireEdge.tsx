import { type ConnectionLineComponentProps, type Edge, type EdgeProps, useStore } from "@xyflow/react";
import { memo, useMemo } from "react";
import { useSay, type Words } from "../ui/words";
import { anchorOf } from "./labels";
import type { Direction, Place } from "./layout";
import { pathOf, placeOn, type Spot, type Way } from "./route";
import { useDesk } from "./state";
import type { Wire } from "./wires";
import { circle } from "./wires";

const W = {
  circle: ["This would be a cycle: {way}", "这会形成环：{way}"],
  replaces: ["Takes the place of {source}", "将替换 {source}"],
} satisfies Record<string, Words>;

export interface WireData extends Record<string, unknown> {
  wire: Wire;
  direction: Direction;
  /** round what stands there; null: straight */
  way: Way | null;
  /** where its shape is written; null: there is no room, so only where the pointer is */
  label: Spot | null;
  /** what it carries lies behind an error */
  behind: boolean;
}

export type WireFlowEdge = Edge<WireData, "wire" | "tie">;

/** A wire with its shape: written on it where there is room, and always when the pointer is there. */
export const WireEdge = memo((props: EdgeProps<WireFlowEdge>) => {
  const { id, sourceX, sourceY, targetX, targetY, data, selected } = props;
  const onto = useDesk((desk) => desk.onto === id);
  if (!data) return null;
  const { wire, direction, way, label, behind } = data;
  const [source, target]: [Place, Place] = [
    [sourceX, sourceY],
    [targetX, targetY],
  ];
  const path = pathOf(source, target, way, direction);
  const spot = label ?? MIDDLE;
  const [x, y] = placeOn(source, target, way, spot, direction);
  const classes = ["draw-wire"];
  if (wire.wrong) classes.push("wrong");
  else if (behind) classes.push("behind");
  if (selected) classes.push("chosen");
  if (onto) classes.push("onto");
  return (
    <>
      <path className={classes.join(" ")} d={path} />
      <path className="draw-wire-near react-flow__edge-interaction" d={path} />
      {wire.shape && (
        <text
          className={label ? "draw-label" : "draw-label tight"}
          x={x}
          y={y}
          textAnchor={anchorOf(spot, direction)}
        >
          {wire.shape}
        </text>
      )}
    </>
  );
});

const MIDDLE: Spot = { part: 0.5, side: 0 };

/** Between a node and the one whose module it calls again, beside the wires: no data flows here. */
export const TieEdge = memo(
  ({ sourceX, sourceY, targetX, targetY, sourcePosition }: EdgeProps<WireFlowEdge>) => {
    const down = sourcePosition === "bottom";
    const [dx, dy] = down ? [86, -20] : [-20, 30];
    const [bx, by] = down ? [150, -20] : [-20, 80];
    const [from, to] = [`${sourceX + dx} ${sourceY + dy}`, `${targetX + dx} ${targetY - (down ? dy : -dy)}`];
    const [out, back] = [`${sourceX + bx} ${sourceY + by}`, `${targetX + bx} ${targetY + (down ? 20 : by)}`];
    return <path className="draw-tie" d={`M${from} C${out} ${back} ${to}`} />;
  },
);

/** The wire that is being drawn, with the reason where it may not end. */
export function makeLine(wires: readonly Wire[], direction: Direction) {
  return function Line({
    fromX,
    fromY,
    toX,
    toY,
    fromHandle,
    toHandle,
    toNode,
  }: ConnectionLineComponentProps) {
    const say = useSay();
    const zoom = useStore((store) => store.transform[2]);
    const [reason, refused] = useMemo(() => {
      if (!toHandle || !toNode) return ["", false];
      const [source, target] = fromHandle.type === "source" ? [fromHandle, toHandle] : [toHandle, fromHandle];
      const way = circle(wires, source.nodeId, target.nodeId.startsWith("#") ? "" : target.nodeId);
      if (way) return [say(W.circle, { way: [...way, way[0] ?? ""].join(" → ") }), true];
      const taken = wires.find((wire) => wire.id === `${target.nodeId.replace("#out", "")}:${target.id}`);
      return [taken ? say(W.replaces, { source: taken.source }) : "", false];
    }, [fromHandle, toHandle, toNode, say]);
    const forth = fromHandle.type === "source";
    const [from, to]: [Place, Place] = forth
      ? [
          [fromX, fromY],
          [toX, toY],
        ]
      : [
          [toX, toY],
          [fromX, fromY],
        ];
    return (
      <g>
        <path
          className={refused ? "draw-wire refused" : "draw-wire drawing"}
          d={pathOf(from, to, null, direction)}
        />
        {reason && (
          <text className="draw-reason" x={toX + 14 / zoom} y={toY - 14 / zoom} fontSize={12 / zoom}>
            {reason}
          </text>
        )}
      </g>
    );
  };
}
