import { Menu } from "@mantine/core";
import type { Run } from "../api/messages";
import { go } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { archiveRuns, deleteRuns } from "./actions";
import { openRun } from "./RunsList";

const W = {
  open: ["Open", "打开"],
  rename: ["Rename", "重命名"],
  archive: ["Archive", "归档"],
  unarchive: ["Take back from the archive", "取消归档"],
  remove: ["Delete", "删除"],
} satisfies Record<string, Words>;

/** The run whose menu is open, and the button that opened it. */
export interface Opened {
  run: Run;
  button: HTMLElement;
}

interface Props {
  opened: Opened;
  onClose: () => void;
  onRename: (run: string) => void;
}

/** One menu for all rows of the table: a menu in each would make long tables slow. */
export function RowMenu({ opened: { run, button }, onClose, onRename }: Props) {
  const say = useSay();
  const place = button.getBoundingClientRect();
  const close = () => {
    onClose();
    button.focus();
  };
  return (
    <Menu
      opened
      onClose={close}
      position="bottom-end"
      shadow="md"
      returnFocus={false}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span
          className="runs-anchor"
          style={{ left: place.left, top: place.top, width: place.width, height: place.height }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => go(openRun(run.id))}>{say(W.open)}</Menu.Item>
        <Menu.Item onClick={() => requestAnimationFrame(() => onRename(run.id))}>{say(W.rename)}</Menu.Item>
        <Menu.Item onClick={() => void archiveRuns([run], !run.archived)}>
          {say(run.archived ? W.unarchive : W.archive)}
        </Menu.Item>
        <Menu.Item color="red" onClick={() => void deleteRuns([run.id])}>
          {say(W.remove)}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
