import type { Direction, Places } from "./layout";
import type { Wire } from "./wires";

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/** Where an arrow leads from a node: along the flow to what feeds it or takes from it, across it to its neighbour. */
export function walk(
  from: string,
  arrow: Arrow,
  wires: readonly Wire[],
  places: Places,
  direction: Direction,
): string | null {
  const [back, forth] = direction === "TB" ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const at = (name: string) => places.get(name) ?? [0, 0];
  const [x, y] = at(from);
  const nearest = (names: string[]) =>
    names.sort(
      (a, b) => Math.hypot(at(a)[0] - x, at(a)[1] - y) - Math.hypot(at(b)[0] - x, at(b)[1] - y),
    )[0] ?? null;
  const known = (name: string) => places.has(name);
  if (arrow === back)
    return nearest(
      wires
        .filter((wire) => wire.node === from)
        .map((wire) => wire.from)
        .filter(known),
    );
  if (arrow === forth)
    return nearest(
      wires
        .filter((wire) => wire.from === from)
        .map((wire) => wire.node)
        .filter(known),
    );
  const cross = direction === "TB" ? 0 : 1;
  const sign = arrow === "ArrowRight" || arrow === "ArrowDown" ? 1 : -1;
  return nearest([...places.keys()].filter((name) => sign * (at(name)[cross] - at(from)[cross]) > 20));
}

/** The first node of a sheet, where nothing is selected yet. */
export function firstOf(places: Places): string | null {
  return [...places].sort(([, a], [, b]) => a[1] - b[1] || a[0] - b[0])[0]?.[0] ?? null;
}
