import { Button } from "@mantine/core";
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import type { Checked, Problem } from "../api/messages";
import { ExportMenu } from "../bring/ExportMenu";
import { Weights } from "../bring/Weights";
import { TextDoctor } from "../inside/Doctor";
import { mended } from "../inside/DoctorAsking";
import { notify } from "../ui/notices";
import { useParam } from "../ui/route";
import { Said } from "../ui/said";
import { TabList } from "../ui/TabList";
import { tip } from "../ui/tips";
import { say as said, useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { Conflict } from "./Conflict";
import type { Open } from "./document";
import { isDirty } from "./editing";
import { isModelOnly } from "./names";
import { Problems } from "./Problems";
import { Summary } from "./Summary";
import { Training } from "./Training";
import { useChecked } from "./useChecked";
import { useDocument } from "./useDocument";
import { useSchema } from "./useSchema";
import { useTraining } from "./useTraining";

const W = {
  save: ["Save", "保存"],
  train: ["Train", "训练"],
  unready: [
    "It cannot be trained yet: solve the problems below ({count}).",
    "还不能训练：请先解决下面的问题（{count}）。",
  ],
  views: ["Views of the document", "文档视图"],
  draw: ["Draw", "绘图"],
  data: ["Data", "数据"],
  training: ["Training", "训练设置"],
  text: ["Text", "文本"],
  saved: ["saved", "已保存"],
  dirty: ["not saved yet; kept in this browser", "尚未保存，已暂存在此浏览器中"],
  unkept: ["not saved, and this browser has no room to keep it", "尚未保存，且此浏览器没有空间暂存"],
  saving: ["saving…", "正在保存…"],
  away: [
    "not saved yet; kept in this browser and sent when the server is back",
    "尚未保存，已暂存在此浏览器中，服务器恢复后会自动发送",
  ],
  conflict: ["changed elsewhere too", "文件在别处也有修改"],
  fresh: ["new file", "新文件"],
  editor: ["Text of {file}; Escape, then Tab leaves it", "{file} 的文本，按 Esc 再按 Tab 可离开"],
} satisfies Record<string, Words>;

// Each view is a large part of the page: it comes when somebody looks at it.
const Draw = lazy(() => import("../canvas/Draw"));
const DataPage = lazy(() => import("../data/DataPage"));
const TrainingPage = lazy(() => import("../training/TrainingPage"));
const Editor = lazy(() => import("./Editor").then((part) => ({ default: part.Editor })));

const VIEWS = ["draw", "data", "training", "text"] as const;
type View = (typeof VIEWS)[number];
const DRAWN = { draw: Draw, data: DataPage, training: TrainingPage };

/** A text that has a model, or nothing at all yet, is drawn. */
function firstView(text: string): View {
  return /^["']?model["']?\s*:/m.test(text) || !text.trim() ? "draw" : "text";
}

/** One document: its bar, its text, its problems, and what it describes. */
export function Desk({ folder, file }: { folder: string; file: string }) {
  const { document, open } = useDocument(folder, file);
  if (!document || !open) return <div className="edit-desk" />;
  if (open.refused && !isDirty(open.editing) && !open.editing.text)
    return (
      <p className="edit-choose">
        <Said text={open.refused} />
      </p>
    );
  return <Loaded folder={folder} file={file} open={open} document={document} />;
}

type Document = NonNullable<ReturnType<typeof useDocument>["document"]>;

interface LoadedProps {
  folder: string;
  file: string;
  open: Open;
  document: Document;
}

function Loaded({ folder, file, open, document }: LoadedProps) {
  const say = useSay();
  const readOnly = useReadOnly();
  const { text } = open.editing;
  const schema = useSchema(isModelOnly(text));
  const [begun] = useState(() => firstView(text));
  const [wanted, setView] = useParam("view", begun);
  const view: View = VIEWS.find((one) => one === wanted) ?? begun;
  const Drawn = view === "text" ? null : DRAWN[view];
  const checking = useChecked(file, text, view === "text");
  const [drawn, setDrawn] = useState<Checked | null>(null);
  const training = useTraining(file, text, document.save);
  const [target, setTarget] = useState<{ line: number } | null>(null);
  const known = view === "text" ? checking.checked : drawn;
  const problems: Problem[] = training.problems ?? known?.problems ?? [];
  const jump = (problem: Problem) => setTarget({ line: problem.line ?? 1 });
  const begin = () => {
    if (readOnly) return;
    const [first] = view === "text" && checking.busy ? [] : problems;
    if (!first) return training.train();
    notify(said(W.unready, { count: problems.length }), "error");
    jump(first);
  };
  const latest = useRef({ begin, save: document.save });
  latest.current = { begin, save: document.save };
  const train = useCallback(async () => {
    await document.arrived(false); // a value that was typed right before is trained with
    setTimeout(() => latest.current.begin());
  }, [document]);
  const onTrain = useCallback(() => void train(), [train]);
  const onSave = useCallback(() => void latest.current.save(), []);
  return (
    <div className={view === "text" ? "edit-desk" : "edit-desk drawn"}>
      <div className="edit-middle">
        <div className="edit-bar">
          <h1 title={file}>{file}</h1>
          <TabList<View>
            name="edit"
            label={say(W.views)}
            tab={view}
            tabs={VIEWS.map((one) => [one, say(W[one])])}
            onOpen={setView}
          />
          <State open={open} />
          <Weights document={document} />
          <ExportMenu folder={folder} document={document} modelOnly={isModelOnly(text)} />
          <Button
            {...tip(readOnly ?? say(W.save), readOnly ? undefined : "Ctrl+S")}
            aria-label={say(W.save)}
            onClick={() => document.save()}
            disabled={readOnly !== undefined || !isDirty(open.editing)}
          >
            {say(W.save)}
          </Button>
          <Button
            {...tip(readOnly ?? say(W.train), readOnly ? undefined : "Ctrl+Enter")}
            aria-label={say(W.train)}
            variant="filled"
            disabled={readOnly !== undefined}
            loading={training.sending}
            onClick={train}
          >
            {say(W.train)}
          </Button>
        </div>
        {open.editing.theirs && (
          <Conflict
            mine={text}
            theirs={open.editing.theirs}
            onMine={document.keepMine}
            onTheirs={document.takeTheirs}
          />
        )}
        {open.refused && (
          <p className="edit-refused" role="alert">
            <Said text={open.refused} />
          </p>
        )}
        <Training job={training.job} onClose={training.forget} />
        <div id="edit-view" role="tabpanel" aria-labelledby={`edit-tab-${view}`} className="edit-view">
          <Suspense fallback={null}>
            {Drawn ? (
              <Drawn
                folder={folder}
                document={document}
                onChecked={setDrawn}
                onSave={onSave}
                onTrain={onTrain}
              />
            ) : (
              <>
                <Editor
                  label={said(W.editor, { file })}
                  text={text}
                  problems={problems}
                  schema={schema}
                  target={target}
                  onWrite={(next) => document.write(next)}
                  onSave={onSave}
                  onTrain={onTrain}
                />
                <Problems list={problems} checking={checking} onJump={jump}>
                  <TextDoctor
                    path={file}
                    text={text}
                    readOnly={readOnly}
                    onFix={async (fix) => document.write(await mended(text, file, fix))}
                  />
                </Problems>
              </>
            )}
          </Suspense>
        </div>
      </div>
      {view === "text" && <Summary checking={checking} />}
    </div>
  );
}

function State({ open }: { open: Open }) {
  const say = useSay();
  const { editing, saving, kept } = open;
  const dirty = isDirty(editing);
  const words = editing.theirs
    ? W.conflict
    : saving === "saving"
      ? W.saving
      : saving === "away" && kept
        ? W.away
        : !dirty
          ? W.saved
          : kept
            ? W.dirty
            : W.unkept;
  return (
    <span className={dirty || saving === "away" ? "edit-state dirty" : "edit-state"} role="status">
      {dirty ? <span className="edit-dirty">●</span> : null} {say(words)}
      {dirty && editing.base === "" ? ` (${say(W.fresh)})` : ""}
    </span>
  );
}
