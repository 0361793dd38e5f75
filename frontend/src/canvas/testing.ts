import type { Drawing, DrawnNode, Level, Port } from "../api/messages";

/** A node as the server would draw it. */
export function node(
  name: string,
  sources: readonly string[] = [],
  more: Partial<DrawnNode> = {},
): DrawnNode {
  return {
    name,
    place: `model.nodes.${name}`,
    kind: "layer",
    type: "Linear",
    args: {},
    inferred: {},
    inputs: sources.map((source) => port("input", source)),
    grows: false,
    outputs: ["B×8"],
    state: "right",
    parameters: 0,
    trained: 0,
    macs: 0,
    memory: 0,
    repeat: 1,
    use: "",
    bypass: false,
    note: "",
    at: null,
    lines: null,
    made: null,
    ...more,
  };
}

export function port(name: string, source = ""): Port {
  return { name, source, shape: "B×8", needed: true };
}

export function level(nodes: DrawnNode[], more: Partial<Level> = {}): Level {
  return {
    name: "",
    place: "model",
    inputs: [port("input")],
    outputs: [],
    nodes,
    chain: false,
    arguments: {},
    instances: [],
    instance: "",
    code: "",
    ...more,
  };
}

/** A chain of nodes, each fed by the one before. */
export function chain(...names: string[]): Level {
  return level(names.map((name, at) => node(name, [names[at - 1] ?? "input"])));
}

export function drawing(text: string, levels: Level[] = [level([])], more: Partial<Drawing> = {}): Drawing {
  return {
    text,
    document: null,
    levels,
    faults: [],
    checked: { problems: [], layers: [], facts: [], notes: [] },
    code: "",
    can_train: true,
    selected: [],
    level: "",
    ...more,
  };
}
