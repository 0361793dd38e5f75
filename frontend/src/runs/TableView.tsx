import { Checkbox } from "@mantine/core";
import "./table.css";
import { type CSSProperties, memo, useCallback, useMemo, useRef, useState } from "react";
import type { Run } from "../api/messages";
import { Icon } from "../ui/Icon";
import { setParams } from "../ui/route";
import { tip } from "../ui/tips";
import { useLanguage, useSay, type Words } from "../ui/words";
import { Cell, NameCell } from "./Cell";
import { type Column, columnOf, fitted, moved, useColumns } from "./columns";
import type { FieldId } from "./fields";
import { useLabel } from "./labels";
import { type Opened, RowMenu } from "./RowMenu";
import { NEWEST_FIRST, type Runs, useStable } from "./state";
import { TableTools } from "./TableTools";
import { useSize } from "./useSize";
import { useWindow } from "./useWindow";

const W = {
  table: ["Runs", "运行"],
  check: ["Check {run}", "勾选 {run}"],
  all: ["Check all", "全选"],
  actions: ["Actions for {run}", "{run} 的操作"],
  nothing: ["No run matches the filter.", "没有符合筛选条件的运行。"],
} satisfies Record<string, Words>;

const ROW = 28;
/** the columns with the boxes to check and with the menus */
const [CHECKS, MENUS] = [34, 32];
const AROUND = CHECKS + MENUS;

/** The table of runs: sorted by its heads, with columns as chosen, notes and tags edited in place. */
export function TableView({ runs }: { runs: Runs }) {
  const say = useSay();
  const language = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useColumns(runs.shown);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [menu, setMenu] = useState<Opened | null>(null);
  const seen = useWindow(box, runs.shown.length, ROW);
  const rows = runs.shown.slice(seen.from, seen.to);
  const select = useRef(runs.select);
  select.current = runs.select;
  const check = useCallback((id: string, on: boolean) => select.current([id], on), []);
  const drawn = useMemo(
    () => columns.map((field) => columnOf(field, columns, runs.shown)),
    [columns, runs.shown],
  );
  const room = useSize(box).width - AROUND;
  const layout = useStable(useMemo(() => fitted(drawn, room), [drawn, room]));
  const width = layout.reduce((sum, column) => sum + column.width, AROUND);
  return (
    <div className="runs-table-view">
      <TableTools runs={runs} columns={columns} onColumns={setColumns} />
      <div ref={box} className="runs-table-box">
        <table aria-label={say(W.table)} aria-rowcount={runs.shown.length + 1} style={{ width }}>
          <colgroup>
            <col style={{ width: CHECKS }} />
            {layout.map((column) => (
              <col key={column.field} style={{ width: column.width }} />
            ))}
            <col style={{ width: MENUS }} />
          </colgroup>
          <Head runs={runs} layout={layout} columns={columns} onColumns={setColumns} />
          <tbody>
            <Space height={seen.from * ROW} />
            {rows.map((run, place) => (
              <Row
                key={run.id}
                run={run}
                place={seen.from + place}
                layout={layout}
                language={language}
                checked={runs.selected.has(run.id)}
                color={runs.colorOf(run.id)}
                renaming={renaming === run.id}
                onRename={setRenaming}
                onMenu={setMenu}
                onCheck={check}
              />
            ))}
            <Space height={(runs.shown.length - seen.to) * ROW} />
          </tbody>
        </table>
        {!runs.shown.length && <p className="faint runs-empty">{say(W.nothing)}</p>}
        {menu && <RowMenu opened={menu} onClose={() => setMenu(null)} onRename={setRenaming} />}
      </div>
    </div>
  );
}

function Space({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden style={{ height }} /> : null;
}

function Head(props: {
  runs: Runs;
  layout: Column[];
  columns: FieldId[];
  onColumns: (columns: FieldId[]) => void;
}) {
  const say = useSay();
  const { runs, columns } = props;
  const dragged = useRef<FieldId | null>(null);
  const count = runs.picked.length;
  const every = count > 0 && count === runs.shown.length;
  return (
    <thead>
      <tr>
        <th scope="col">
          <Checkbox
            size="xs"
            aria-label={say(W.all)}
            checked={every}
            indeterminate={count > 0 && !every}
            onChange={() =>
              runs.select(
                runs.shown.map((run) => run.id),
                !every,
              )
            }
          />
        </th>
        {props.layout.map(({ field, title, number }) => (
          <th
            key={field}
            scope="col"
            className={number ? "number" : undefined}
            aria-sort={
              { [field]: "ascending", [`-${field}`]: "descending" }[runs.order] as "ascending" | undefined
            }
            draggable
            onDragStart={() => {
              dragged.current = field;
            }}
            onDragOver={(event) => event.preventDefault()}
            onDrop={() => dragged.current && props.onColumns(moved(columns, dragged.current, field))}
          >
            <SortButton field={field} title={title} order={runs.order} />
          </th>
        ))}
        <th scope="col" />
      </tr>
    </thead>
  );
}

/** First the better end: metrics falling, but losses and texts rising; then the other; then as before. */
function SortButton({ field, title, order }: { field: FieldId; title: string; order: string }) {
  const falling = `-${field}`;
  const firstFalling =
    /^(last:|best:|started$|duration$|epoch$|step$|rate$)/.test(field) && !/loss|error/i.test(field);
  const [one, two] = firstFalling ? [falling, field] : [field, falling];
  const next = order === one ? two : order === two ? NEWEST_FIRST : one;
  const sign = order === field ? " ▴" : order === falling ? " ▾" : "";
  return (
    <button
      type="button"
      title={field.startsWith("set:") ? field.slice(4) : title}
      onClick={() => setParams({ sort: next === NEWEST_FIRST ? null : next })}
    >
      <span>{title}</span>
      {sign}
    </button>
  );
}

interface RowProps {
  run: Run;
  place: number;
  layout: Column[];
  /** told so that a row is drawn again in the other language */
  language: string;
  checked: boolean;
  color: string;
  renaming: boolean;
  onRename: (run: string | null) => void;
  onMenu: (opened: Opened) => void;
  onCheck: (run: string, on: boolean) => void;
}

const Row = memo(function Row(props: RowProps) {
  const say = useSay();
  const { run, checked } = props;
  const label = useLabel(run);
  return (
    <tr
      aria-rowindex={props.place + 2}
      className={run.archived ? "archived" : undefined}
      data-checked={checked}
      style={{ "--run": props.color, height: ROW } as CSSProperties}
    >
      <td>
        <input
          type="checkbox"
          className="runs-check"
          data-on={checked}
          checked={checked}
          aria-label={say(W.check, { run: label })}
          onChange={() => props.onCheck(run.id, !checked)}
        />
      </td>
      {props.layout.map(({ field, number }) => (
        <td key={field} className={number ? "number" : undefined}>
          {field === "name" ? (
            <NameCell run={run} renaming={props.renaming} done={() => props.onRename(null)} />
          ) : (
            <Cell run={run} field={field} />
          )}
        </td>
      ))}
      <td>
        <button
          type="button"
          className="runs-more"
          aria-haspopup="menu"
          {...tip(say(W.actions, { run: label }))}
          onClick={(event) => props.onMenu({ run, button: event.currentTarget })}
        >
          <Icon name="more" />
        </button>
      </td>
    </tr>
  );
});
