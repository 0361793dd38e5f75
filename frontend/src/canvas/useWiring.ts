import type { Connection, FinalConnectionState, IsValidConnection } from "@xyflow/react";
import { type RefObject, useMemo, useRef } from "react";
import { type Bench, step } from "./bench";
import type { Place } from "./layout";
import { IN, OUT } from "./scene";
import { useDesk } from "./state";
import type { WireFlowEdge } from "./WireEdge";
import { circle } from "./wires";

interface Ends {
  source: string;
  node: string;
  input: number;
}

/** What a connection of React Flow means in the document. */
export function endsOf({ source, sourceHandle, target, targetHandle }: Connection): Ends {
  return {
    source: source === IN ? (sourceHandle ?? "") : `${source}${sourceHandle ?? ""}`,
    node: target === OUT ? "" : target,
    input: Number(targetHandle ?? 0),
  };
}

/** Drawing wires, moving their ends, and dropping them on empty space. */
export function useWiring(latest: RefObject<Bench | null>) {
  const moved = useRef(false);
  return useMemo(() => {
    const level = () => latest.current?.level.name ?? "";
    const edit = (edits: Parameters<typeof step>[1]) => latest.current && step(latest.current, edits);
    const join = (connection: Connection) => edit([{ do: "connect", level: level(), ...endsOf(connection) }]);
    return {
      isValidConnection: ((connection) => {
        const { source, node } = endsOf(connection as Connection);
        return !circle(latest.current?.wires ?? [], source, node);
      }) satisfies IsValidConnection<WireFlowEdge>,
      onConnect: join,
      onConnectEnd: (event: MouseEvent | TouchEvent, state: FinalConnectionState) =>
        latest.current && dropped(latest.current, event, state),
      onReconnectStart: () => {
        moved.current = false;
      },
      onReconnect: (old: WireFlowEdge, connection: Connection) => {
        moved.current = true;
        const [before, now] = [old.data?.wire, endsOf(connection)];
        if (!before) return;
        const same = before.node === now.node && before.input === now.input;
        if (same && before.source === now.source) return;
        const free = { do: "disconnect", level: level(), node: before.node, input: before.input } as const;
        edit([...(same ? [] : [free]), { do: "connect", level: level(), ...now }]);
      },
      onReconnectEnd: (_: unknown, old: WireFlowEdge, __: unknown, state: FinalConnectionState) => {
        const wire = old.data?.wire;
        if (moved.current || !wire || state.toHandle) return;
        edit([{ do: "disconnect", level: level(), node: wire.node, input: wire.input }]);
      },
    };
  }, [latest]);
}

/** A wire that ends nowhere asks what should come there. */
function dropped(bench: Bench, event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const { fromNode, fromHandle, toHandle } = state;
  if (toHandle || !fromNode || !fromHandle || bench.readOnly !== undefined || !bench.flow) return;
  if (!(event.target instanceof Element) || !event.target.closest(".react-flow__pane")) return;
  const point = "changedTouches" in event ? event.changedTouches[0] : event;
  if (!point) return;
  const screen: Place = [point.clientX, point.clientY];
  const { x, y } = bench.flow.screenToFlowPosition({ x: screen[0], y: screen[1] });
  const forth = fromHandle.type === "source";
  const source = forth
    ? endsOf({ source: fromNode.id, sourceHandle: fromHandle.id ?? "", target: "", targetHandle: "0" }).source
    : "";
  const feeds: [string, number][] = forth
    ? []
    : [[fromNode.id === OUT ? "" : fromNode.id, Number(fromHandle.id ?? 0)]];
  const at: Place = bench.direction === "TB" ? [x - 98, forth ? y : y - 60] : [forth ? x : x - 196, y - 30];
  // after React Flow has ended its own gesture, whose click would close the box
  setTimeout(() => useDesk.setState({ adding: { screen, at, source, feeds } }));
}
