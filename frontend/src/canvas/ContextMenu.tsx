import { Fragment, useRef } from "react";
import { MenuItem, MenuList } from "../ui/Menu";
import { PopupPanel } from "../ui/Popup";
import { useSay, type Words } from "../ui/words";
import type { Bench } from "./bench";
import { COMMANDS, type Command, canRun } from "./commands";
import { useDesk } from "./state";
import { ask } from "./useDropping";

const W = { menu: ["Commands for the selection", "所选内容的命令"] } satisfies Record<string, Words>;

/** What can be done with what lies under the pointer. */
export function ContextMenu({ bench }: { bench: Bench }) {
  const say = useSay();
  const menu = useDesk((desk) => desk.menu);
  const anchor = useRef<HTMLSpanElement>(null);
  if (!menu) return null;
  const run = (command: Command) => {
    if (command.id === "add" && !menu.node && !menu.wire) ask(bench, menu.screen);
    else command.run(bench);
  };
  const groups = grouped(bench);
  return (
    <>
      <span ref={anchor} className="draw-anchor" style={{ left: menu.screen[0], top: menu.screen[1] }} />
      <PopupPanel
        key={menu.screen.join()}
        role="menu"
        align="start"
        label={say(W.menu)}
        anchor={anchor}
        opened
        onClose={() => useDesk.setState({ menu: null })}
      >
        {(close) => (
          <MenuList close={close}>
            {groups.map((commands, at) => (
              <Fragment key={commands[0]?.id}>
                {at > 0 && <hr />}
                {commands.map((command) => (
                  <MenuItem
                    key={command.id}
                    danger={command.danger ?? false}
                    keys={command.keys[0] ?? command.hint ?? ""}
                    onClick={() => run(command)}
                  >
                    {say(command.words)}
                  </MenuItem>
                ))}
              </Fragment>
            ))}
          </MenuList>
        )}
      </PopupPanel>
    </>
  );
}

/** The commands that can run now, by their place in the menu. */
function grouped(bench: Bench): Command[][] {
  const able = COMMANDS.filter((command) => command.menu && canRun(command, bench));
  const last = COMMANDS.filter((command) => ["all", "fit", "tidy"].includes(command.id));
  const groups = [1, 2, 3, 4].map((menu) => able.filter((command) => command.menu === menu));
  return [...groups, last.filter((command) => canRun(command, bench))].filter((group) => group.length > 0);
}
