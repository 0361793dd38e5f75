import { useMemo } from "react";
import { keysOf } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { type Bench, showNode } from "./bench";
import { type Choice, Chooser } from "./Chooser";
import { COMMANDS, type Command, canRun } from "./commands";
import { hueOf } from "./face";
import { useDesk } from "./state";

const W = {
  commands: ["Commands and nodes", "命令与节点"],
  nodes: ["Find a node", "查找节点"],
  typeCommand: ["Type a command or the name of a node", "输入命令或节点名称"],
  typeNode: ["Name or class of a node, on all levels", "节点名称或类名（所有层级）"],
  model: ["model", "模型"],
} satisfies Record<string, Words>;

interface Entry extends Choice {
  command?: Command;
  level?: string;
  node?: string;
}

/** Every command with its keys, and the nodes of all levels. */
export function Palette({ bench, only }: { bench: Bench; only: "commands" | "nodes" }) {
  const say = useSay();
  const entries = useEntries(bench, only);
  const close = () => {
    useDesk.setState({ choosing: "" });
    bench.board?.focus({ preventScroll: true });
  };
  return (
    <Chooser<Entry>
      label={say(only === "nodes" ? W.nodes : W.commands)}
      placeholder={say(only === "nodes" ? W.typeNode : W.typeCommand)}
      items={entries}
      at={null}
      onChoose={({ command, level = "", node }) => {
        close();
        if (command) command.run(bench);
        else if (node !== undefined) showNode(bench, level, node);
      }}
      onClose={close}
    />
  );
}

function useEntries(bench: Bench, only: "commands" | "nodes"): Entry[] {
  const say = useSay();
  return useMemo(() => {
    const nodes = bench.drawing.levels.flatMap((level) =>
      level.nodes.map(
        (node): Entry => ({
          id: `${level.name}/${node.name}`,
          name: node.name,
          words: `${node.type} ${node.note} ${level.name}`,
          detail: `${node.type} · ${level.name || say(W.model)}`,
          hue: hueOf(node, bench.catalog.byName.get(node.type)?.group ?? ""),
          level: level.name,
          node: node.name,
        }),
      ),
    );
    if (only === "nodes") return nodes;
    const commands = COMMANDS.map(
      (command): Entry => ({
        id: command.id,
        name: say(command.words),
        words: command.words.join(" "),
        keys: (command.hint ? [command.hint] : command.keys).map(keysOf).join(", "),
        common: true,
        disabled: !canRun(command, bench),
        command,
      }),
    );
    return [...commands, ...nodes];
  }, [bench, only, say]);
}
