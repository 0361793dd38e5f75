import { ActionIcon } from "@mantine/core";
import { type ComponentProps, Fragment, useSyncExternalStore } from "react";
import { Spinner } from "../ui/Spinner";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { type Bench, openLevel } from "./bench";
import { COMMANDS, canRun } from "./commands";
import { Sign } from "./Sign";
import type { Shown } from "./sheet";
import { flow, pictured, side, useDesk } from "./state";
import { trailOf } from "./trail";

const W = {
  model: ["Model", "模型"],
  levels: ["Levels", "层级"],
  instance: ["Instance", "实例"],
  tools: ["Tools", "工具"],
  busy: ["working…", "处理中…"],
  waiting: [
    "steps not sent yet: {count}; kept here and sent when the server is back",
    "已暂存 {count} 步操作，服务器恢复后会自动发送",
  ],
} satisfies Record<string, Words>;

type SignName = ComponentProps<typeof Sign>["name"];
const BUTTONS: [string, SignName][] = [
  ["add", "add"],
  ["undo", "undo"],
  ["redo", "redo"],
  ["fit", "fit"],
  ["tidy", "tidy"],
  ["direction", "down"],
  ["pictures", "picture"],
  ["commands", "commands"],
  ["side", "side"],
];

/** Where one is, and what is used most. */
export function Tools({ bench, shown }: { bench: Bench; shown: Shown }) {
  const say = useSay();
  useDesk((desk) => desk.selected);
  const direction = useSyncExternalStore(flow.subscribe, flow.get);
  const pressed: Record<string, boolean> = {
    pictures: useSyncExternalStore(pictured.subscribe, pictured.get),
    side: useSyncExternalStore(side.subscribe, side.get),
  };
  return (
    <div className="draw-tools">
      <Crumbs bench={bench} />
      {shown.away && shown.waiting > 0 && (
        <span className="draw-waiting" role="status">
          {say(W.waiting, { count: shown.waiting })}
        </span>
      )}
      {!shown.away && shown.waiting > 0 && (
        <span className="draw-busy" role="status">
          <Spinner /> {say(W.busy)}
        </span>
      )}
      <div role="toolbar" aria-label={say(W.tools)}>
        {BUTTONS.map(([id, sign]) => {
          const command = COMMANDS.find((one) => one.id === id);
          if (!command) return null;
          return (
            <ActionIcon
              key={id}
              {...tip(say(command.words), command.keys[0])}
              aria-pressed={pressed[id]}
              disabled={!canRun(command, bench)}
              onClick={() => command.run(bench)}
            >
              <Sign name={id === "direction" && direction === "LR" ? "right" : sign} />
            </ActionIcon>
          );
        })}
      </div>
    </div>
  );
}

/** The way from the model to the level that is shown. */
export function Crumbs({ bench: { drawing, level } }: { bench: Pick<Bench, "drawing" | "level"> }) {
  const say = useSay();
  const trail = trailOf(drawing, level.name, level.instance);
  return (
    <nav className="draw-crumbs" aria-label={say(W.levels)}>
      {trail.map((crumb, at) => (
        <Fragment key={`${crumb.level}/${crumb.instance}`}>
          {at > 0 && <span aria-hidden>›</span>}
          <button
            type="button"
            aria-current={at === trail.length - 1 ? "page" : undefined}
            onClick={() => openLevel(crumb.level, crumb.instance)}
          >
            {crumb.level ? crumb.node || crumb.level : say(W.model)}
            {crumb.level && crumb.node && <span className="faint"> {crumb.level}</span>}
          </button>
        </Fragment>
      ))}
      {level.instances.length > 1 && (
        <select
          aria-label={say(W.instance)}
          value={level.instance}
          onChange={(event) => openLevel(level.name, event.currentTarget.value)}
        >
          {level.instances.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      )}
    </nav>
  );
}
