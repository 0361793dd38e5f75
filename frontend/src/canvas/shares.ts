import type { DrawnNode } from "../api/messages";

/** Of all that a level holds, how much is a node's: 0..1 each. */
export interface Share {
  parameters: number;
  macs: number;
}

/** A node that calls another's module has parameters only once: they count where they are made. */
export function sharesOf(nodes: readonly DrawnNode[]): Map<string, Share> {
  const own = (node: DrawnNode) => (node.use ? 0 : node.parameters);
  const parameters = nodes.reduce((sum, node) => sum + own(node), 0);
  const macs = nodes.reduce((sum, node) => sum + (node.macs ?? 0), 0);
  const part = (value: number, of: number) => (of > 0 ? value / of : 0);
  return new Map(
    nodes.map((node) => [
      node.name,
      { parameters: part(own(node), parameters), macs: part(node.macs ?? 0, macs) },
    ]),
  );
}
