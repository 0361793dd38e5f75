import { Button } from "@mantine/core";
import { useEffect, useId, useRef } from "react";
import { useLive } from "../api/live";
import { labelIn } from "../runs/labels";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { saveNotes, settle, type Unkept, useUnkept } from "./notes";
import "./run.css";

const W = {
  changed: [
    "The notes of {run} were changed elsewhere while you wrote.",
    "你编辑期间，{run} 的备注已在别处被修改。",
  ],
  refused: ["The notes of {run} could not be kept.", "{run} 的备注未能保存。"],
  mine: ["Yours", "我的版本"],
  theirs: ["Stored now", "当前保存的版本"],
  empty: ["empty", "空"],
  keepMine: ["Keep mine", "保留我的"],
  takeTheirs: ["Take theirs", "采用对方的"],
  join: ["Join (mine below theirs)", "合并（我的放在后面）"],
  again: ["Try again", "重试"],
  drop: ["Discard mine", "放弃我的"],
} satisfies Record<string, Words>;

/** What was typed as notes and could not be kept, until a person says what becomes of it. */
export function NotesConflict() {
  const [unkept] = useUnkept((state) => state.list);
  return unkept ? <Asked key={JSON.stringify(unkept)} unkept={unkept} /> : null;
}

function Asked({ unkept }: { unkept: Unkept }) {
  const { run, mine, theirs, before, why } = unkept;
  const say = useSay();
  const title = useId();
  const panel = useRef<HTMLElement>(null);
  const name = useLive((live) => labelIn(live.runs)(live.runs?.get(run) ?? { id: run, name: run }));
  useEffect(() => panel.current?.focus(), []);
  const keep = (notes: string) => void saveNotes(run, notes, before, unkept);
  const drop = () => settle(unkept);
  return (
    <section
      ref={panel}
      className="run-conflict panel"
      role="alertdialog"
      aria-labelledby={title}
      tabIndex={-1}
    >
      <h2 id={title}>{say(theirs === null ? W.refused : W.changed, { run: name })}</h2>
      {theirs === null && (
        <p>
          <Said text={why} />
        </p>
      )}
      <div className="run-versions">
        <Version title={say(W.mine)} text={mine} />
        {theirs !== null && <Version title={say(W.theirs)} text={theirs} />}
      </div>
      <div className="run-choices">
        <Button onClick={() => keep(mine)}>{say(theirs === null ? W.again : W.keepMine)}</Button>
        <Button onClick={drop}>{say(theirs === null ? W.drop : W.takeTheirs)}</Button>
        {theirs !== null && <Button onClick={() => keep(`${theirs}\n${mine}`)}>{say(W.join)}</Button>}
      </div>
    </section>
  );
}

function Version({ title, text }: { title: string; text: string }) {
  const say = useSay();
  return (
    <div>
      <h3 className="faint">{title}</h3>
      <pre>{text || <span className="faint">{say(W.empty)}</span>}</pre>
    </div>
  );
}
