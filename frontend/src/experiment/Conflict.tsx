import { Button } from "@mantine/core";
import { useMemo, useState } from "react";
import type { DocumentText } from "../api/messages";
import { useSay, type Words } from "../ui/words";
import { compared } from "./lines";

const W = {
  what: [
    "This file was changed elsewhere while you wrote. Yours is kept in this browser until you choose.",
    "您编辑期间，此文件在别处被修改。您的内容会保留在此浏览器中，直到您做出选择。",
  ],
  both: ["Compare", "查看差异"],
  hide: ["Hide", "收起"],
  theirs: ["Take theirs", "采用对方的版本"],
  mine: ["Keep mine", "保留我的版本"],
  undo: ["Undo (Ctrl+Z) brings yours back.", "撤销（Ctrl+Z）可恢复您的内容。"],
  legend: ["− theirs, + yours", "− 对方的，+ 您的"],
} satisfies Record<string, Words>;

const MARK = { both: " ", first: "−", second: "+" } as const;

interface Props {
  mine: string;
  theirs: DocumentText;
  onMine: () => void;
  onTheirs: () => void;
}

/** Two texts of one file: which shall it be? */
export function Conflict({ mine, theirs, onMine, onTheirs }: Props) {
  const say = useSay();
  const [seen, setSeen] = useState(false);
  return (
    <div className="edit-conflict" role="alertdialog" aria-label={say(W.what)}>
      <div className="edit-note">
        <span className="edit-words">{say(W.what)}</span>
        <Button onClick={() => setSeen(!seen)} aria-expanded={seen}>
          {say(seen ? W.hide : W.both)}
        </Button>
        <Button onClick={onTheirs} title={say(W.undo)}>
          {say(W.theirs)}
        </Button>
        <Button onClick={onMine}>{say(W.mine)}</Button>
      </div>
      {seen && <Both mine={mine} theirs={theirs.text} />}
    </div>
  );
}

function Both({ mine, theirs }: { mine: string; theirs: string }) {
  const say = useSay();
  const lines = useMemo(() => compared(theirs, mine), [theirs, mine]);
  return (
    <>
      <p className="faint edit-legend">{say(W.legend)}</p>
      <pre className="edit-both">
        {lines.map(({ kind, text }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <div key={place} className={kind}>
            {`${MARK[kind]} ${text}`}
          </div>
        ))}
      </pre>
    </>
  );
}
