import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import type { Port } from "../api/messages";
import { useSay, type Words } from "../ui/words";
import { spread } from "./LayerNode";
import type { Direction } from "./layout";

const W = {
  output: ["output", "输出"],
  none: ["nothing is returned yet", "尚无输出"],
} satisfies Record<string, Words>;

export interface RailData extends Record<string, unknown> {
  side: "in" | "out";
  ports: readonly Port[];
  direction: Direction;
}

export type RailFlowNode = Node<RailData, "rail">;

/** What a level is called with, or what it returns. */
export const RailNode = memo(({ data }: NodeProps<RailFlowNode>) => {
  const say = useSay();
  const { side, ports, direction } = data;
  const [type, position] =
    side === "in"
      ? (["source", direction === "TB" ? Position.Bottom : Position.Right] as const)
      : (["target", direction === "TB" ? Position.Top : Position.Left] as const);
  return (
    <div className={`draw-rail ${side} ${direction}`}>
      {ports.map((port, at) => (
        <span key={side === "in" ? port.name : at} className="draw-port">
          <b>{side === "out" && ports.length < 2 ? say(W.output) : port.name}</b>
          <span className="draw-shape">{port.source || side === "in" ? port.shape : say(W.none)}</span>
        </span>
      ))}
      {ports.map((port, at) => (
        <Handle
          key={side === "in" ? port.name : at}
          id={side === "in" ? port.name : String(at)}
          type={type}
          position={position}
          style={spread(at, ports.length, direction)}
        />
      ))}
    </div>
  );
});
