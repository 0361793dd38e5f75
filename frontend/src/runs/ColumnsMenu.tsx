import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Run } from "../api/messages";
import { Icon } from "../ui/Icon";
import { Popup } from "../ui/Popup";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { allColumns, moved, titleOf } from "./columns";
import type { FieldId } from "./fields";

const W = {
  columns: ["Columns", "列"],
  find: ["Find a column", "查找列"],
  shown: ["Shown", "已显示"],
  facts: ["Facts", "基本信息"],
  metrics: ["Metrics", "指标"],
  settings: ["Settings", "设置"],
  automatic: ["Automatic", "自动选择"],
  up: ["Move {name} to the left", "将 {name} 左移"],
  down: ["Move {name} to the right", "将 {name} 右移"],
} satisfies Record<string, Words>;

interface Props {
  runs: readonly Run[];
  columns: FieldId[];
  onChange: (columns: FieldId[] | null) => void;
  /** what is chosen, where it is not the columns of the table */
  label?: string;
}

/** Which columns the table has, and in which order. */
export function ColumnsMenu(props: Props) {
  const say = useSay();
  return (
    <Popup text={props.label ?? say(W.columns)} panelClass="runs-columns" panelWidth={340}>
      {() => <Chooser {...props} />}
    </Popup>
  );
}

function Chooser({ runs, columns, onChange }: Props) {
  const say = useSay();
  const [wanted, setWanted] = useState("");
  const all = useMemo(() => allColumns(runs), [runs]);
  const fits = (field: FieldId) => `${field} ${titleOf(field)}`.toLowerCase().includes(wanted.toLowerCase());
  const turn = (field: FieldId, on: boolean) =>
    onChange(on ? [...columns, field] : columns.filter((other) => other !== field));
  const groups = (["facts", "metrics", "settings"] as const).map((name) => ({
    name,
    fields: all[name].filter((field) => !columns.includes(field) && fits(field)),
  }));
  return (
    <>
      <div className="runs-columns-head">
        <TextInput
          data-autofocus
          aria-label={say(W.find)}
          placeholder={say(W.find)}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <Button onClick={() => onChange(null)}>{say(W.automatic)}</Button>
      </div>
      <div className="runs-columns-list">
        <h4>{say(W.shown)}</h4>
        {columns.filter(fits).map((field) => (
          <Shown key={field} field={field} columns={columns} onChange={onChange} turn={turn} />
        ))}
        {groups.map(({ name, fields }) => (
          <div key={name}>
            {fields.length > 0 && <h4>{say(W[name])}</h4>}
            {fields.map((field) => (
              <Box key={field} field={field} on={false} turn={turn} />
            ))}
          </div>
        ))}
      </div>
    </>
  );
}

function Shown(
  props: Omit<Props, "runs" | "label"> & { field: FieldId; turn: (field: FieldId, on: boolean) => void },
) {
  const say = useSay();
  const { field, columns, onChange } = props;
  const at = columns.indexOf(field);
  const name = titleOf(field, columns);
  const move = (step: number) => {
    const onto = columns[at + step];
    if (onto) onChange(moved(columns, field, onto));
  };
  return (
    <div className="runs-columns-row">
      <Box field={field} on turn={props.turn} />
      <ActionIcon size="xs" disabled={at === 0} {...tip(say(W.up, { name }))} onClick={() => move(-1)}>
        <Icon name="up" />
      </ActionIcon>
      <ActionIcon
        size="xs"
        disabled={at === columns.length - 1}
        {...tip(say(W.down, { name }))}
        onClick={() => move(1)}
      >
        <Icon name="down" />
      </ActionIcon>
    </div>
  );
}

function Box({
  field,
  on,
  turn,
}: {
  field: FieldId;
  on: boolean;
  turn: (field: FieldId, on: boolean) => void;
}) {
  const name = field.startsWith("set:") ? field.slice(4) : titleOf(field);
  return (
    <Checkbox
      size="xs"
      label={name}
      title={name}
      checked={on}
      disabled={field === "name"}
      onChange={(event) => turn(field, event.currentTarget.checked)}
    />
  );
}
