import type { GraphNode } from "../api/messages";

/** A part of a graph: by the parts of names between slashes. */
export interface Branch {
  name: string;
  /** its full name */
  path: string;
  node: GraphNode | null;
  branches: Branch[];
  /** nodes in it, itself included */
  count: number;
}

/** The nodes nested by name, in the order in which they were recorded. */
export function treeOf(nodes: readonly GraphNode[]): Branch[] {
  const root: Branch = { name: "", path: "", node: null, branches: [], count: 0 };
  const known = new Map<string, Branch>([["", root]]);
  for (const node of nodes) {
    const parts = node.name.split("/").filter(Boolean);
    const passed = [root];
    let path = "";
    for (const part of parts) {
      const parent = passed.at(-1) as Branch;
      path = path ? `${path}/${part}` : part;
      let branch = known.get(path);
      if (!branch) {
        branch = { name: part, path, node: null, branches: [], count: 0 };
        known.set(path, branch);
        parent.branches.push(branch);
      }
      passed.push(branch);
    }
    for (const branch of passed) branch.count += 1;
    (passed.at(-1) as Branch).node = node;
  }
  return root.branches;
}

/** The tree with only what fits (by name or operation), with the way to it. */
export function pruned(branches: readonly Branch[], fits: (text: string) => boolean): Branch[] {
  return branches.flatMap((branch) => {
    if (fits(branch.path) || (branch.node && fits(branch.node.operation))) return [branch];
    const inner = pruned(branch.branches, fits);
    return inner.length ? [{ ...branch, branches: inner }] : [];
  });
}
