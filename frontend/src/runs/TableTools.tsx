import { Button, Checkbox } from "@mantine/core";
import { Menu, MenuItem, MenuLink } from "../ui/Menu";
import { setParams } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { archiveRuns, deleteRuns } from "./actions";
import { ColumnsMenu } from "./ColumnsMenu";
import { csv } from "./columns";
import type { FieldId } from "./fields";
import type { Runs } from "./state";

const W = {
  count: ["{checked} of {all} checked", "已勾选 {checked} / {all}"],
  archive: ["Archive", "归档"],
  unarchive: ["Unarchive", "取消归档"],
  remove: ["Delete", "删除"],
  first: ["Check runs first", "请先勾选运行"],
  archived: ["Show archived", "显示已归档"],
  export: ["CSV", "CSV"],
  shown: ["What is shown", "当前显示的内容"],
  everything: ["All runs, all columns", "全部运行和全部列"],
  points: ["Every point of the checked runs", "所勾选运行的全部数据点"],
} satisfies Record<string, Words>;

interface Props {
  runs: Runs;
  columns: FieldId[];
  onColumns: (columns: FieldId[] | null) => void;
}

/** What can be done with the checked runs, and with the table. */
export function TableTools({ runs, columns, onColumns }: Props) {
  const say = useSay();
  const count = runs.picked.length;
  // the newest are checked by themselves: nobody has meant those yet
  const meant = runs.explicit && count > 0;
  const reason = useReadOnly() ?? (meant ? undefined : say(W.first));
  const back = count > 0 && runs.picked.every((run) => run.archived);
  return (
    <div className="runs-tools">
      <span className="faint">{say(W.count, { checked: count, all: runs.shown.length })}</span>
      <Button
        disabled={reason !== undefined}
        data-tip={reason}
        onClick={() => void archiveRuns(runs.picked, !back)}
      >
        {say(back ? W.unarchive : W.archive)} {meant && count}
      </Button>
      <Button
        disabled={reason !== undefined}
        data-tip={reason}
        onClick={() => void deleteRuns(runs.picked.map((run) => run.id))}
      >
        {say(W.remove)} {meant && count}
      </Button>
      <Checkbox
        ml="auto"
        label={say(W.archived)}
        checked={runs.archived}
        onChange={(event) => setParams({ archived: event.currentTarget.checked ? "1" : null })}
      />
      <ColumnsMenu runs={runs.shown} columns={columns} onChange={onColumns} />
      <ExportMenu runs={runs} columns={columns} />
    </div>
  );
}

function ExportMenu({ runs, columns }: Pick<Props, "runs" | "columns">) {
  const say = useSay();
  const points = new URLSearchParams(runs.picked.map((run) => ["run", run.id]));
  return (
    <Menu text={say(W.export)}>
      <MenuItem onClick={() => download("runs.csv", csv(runs.shown, columns))}>{say(W.shown)}</MenuItem>
      <MenuLink href="/api/runs.csv">{say(W.everything)}</MenuLink>
      <MenuLink href={runs.picked.length ? `/api/scalars.csv?${points}` : undefined}>
        {say(W.points)}
      </MenuLink>
    </Menu>
  );
}

/** Hands a text to the browser as a file; a mark of UTF-8 first, which spreadsheets need. */
function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
