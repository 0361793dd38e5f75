import type { Run } from "../api/messages";
import { MenuAt, MenuItem } from "../ui/Menu";
import { go } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { archiveRuns, deleteRuns } from "./actions";
import { openRun } from "./RunsList";

const W = {
  open: ["Open", "打开"],
  rename: ["Rename", "重命名"],
  archive: ["Archive", "归档"],
  unarchive: ["Unarchive", "取消归档"],
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
  const readOnly = useReadOnly();
  const barred = { "aria-disabled": readOnly !== undefined, "data-tip": readOnly };
  const close = () => {
    onClose();
    button.focus();
  };
  return (
    <MenuAt anchor={button} label={run.name} onClose={close}>
      <MenuItem onClick={() => go(openRun(run.id))}>{say(W.open)}</MenuItem>
      <MenuItem {...barred} onClick={() => requestAnimationFrame(() => onRename(run.id))}>
        {say(W.rename)}
      </MenuItem>
      <MenuItem {...barred} onClick={() => void archiveRuns([run], !run.archived)}>
        {say(run.archived ? W.unarchive : W.archive)}
      </MenuItem>
      <MenuItem {...barred} danger onClick={() => void deleteRuns([run.id])}>
        {say(W.remove)}
      </MenuItem>
    </MenuAt>
  );
}
