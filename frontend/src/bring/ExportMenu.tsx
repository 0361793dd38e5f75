import { useState } from "react";
import { RefusedError } from "../api/client";
import type { OpenDocument } from "../experiment/document";
import { Menu, MenuItem } from "../ui/Menu";
import { notify, tellError } from "../ui/notices";
import { said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import type { Form } from "./taking";

const W = {
  export: ["Export", "导出"],
  tip: ["This document as it is now, saved or not", "导出当前文档，无论是否已保存"],
  script: ["Training script (.py)", "训练脚本 (.py)"],
  model: ["Model as Python (.py)", "模型的 Python 代码 (.py)"],
  network: ["Network alone (.py)", "仅网络代码 (.py)"],
  document: ["Document (.yaml)", "文档 (.yaml)"],
  svg: ["Drawing (.svg)", "绘图 (.svg)"],
  png: ["Drawing (.png)", "绘图 (.png)"],
  more: ["{problem} (and {count} more)", "{problem}（另有 {count} 个问题）"],
} satisfies Record<string, Words>;

/** Everything that can be taken away of an open document, as it is, also what was not saved. */
export function ExportMenu(props: { folder: string; document: OpenDocument; modelOnly: boolean }) {
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const start = async (form: Form) => {
    setBusy(true);
    try {
      const { take } = await import("./taking");
      await take(form, props.folder, props.document);
    } catch (error) {
      refuse(error, say);
    } finally {
      setBusy(false);
    }
  };
  const item = (form: Form, words: Words) => <MenuItem onClick={() => start(form)}>{say(words)}</MenuItem>;
  return (
    <Menu text={say(W.export)} tip={say(W.tip)} loading={busy}>
      {item("script", props.modelOnly ? W.model : W.script)}
      {item("network", W.network)}
      {item("document", W.document)}
      <hr />
      {item("svg", W.svg)}
      {item("png", W.png)}
    </Menu>
  );
}

/** A document that is not right yet has many problems: the first is said, the others stand in the editor. */
function refuse(error: unknown, say: ReturnType<typeof useSay>): void {
  const problems = error instanceof RefusedError ? error.refusal.problems : [];
  const [first, ...rest] = problems;
  if (!first) {
    tellError(error);
    return;
  }
  const problem = said(first.message);
  notify(rest.length ? say(W.more, { problem, count: rest.length }) : problem, "error");
}
