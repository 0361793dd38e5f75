import "./forms.css";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { Checked } from "../api/messages";
import { usePartForms } from "../canvas/useParts";
import type { OpenDocument } from "../experiment/document";
import { TextDoctor } from "../inside/Doctor";
import { Icon } from "../ui/Icon";
import { Said } from "../ui/said";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { FormContext } from "./context";
import { Late } from "./Late";
import { type Settings, useSettings } from "./useSettings";

const W = {
  wait: [
    "Reading the document… the first time loads torch, about 3 s.",
    "正在读取文档…首次需要加载 torch，约 3 秒。",
  ],
  away: [
    "The server does not answer; this page goes on when it is back.",
    "服务器没有响应，恢复后会自动继续。",
  ],
  unreadable: [
    "This text is no document yet: mend it in the text view.",
    "该文本还不是有效的文档，请在文本视图中修正。",
  ],
  undo: ["Undo", "撤销"],
  redo: ["Redo", "重做"],
  waiting: ["{count} changes wait for the server", "{count} 处修改等待服务器"],
} satisfies Record<string, Words>;

export interface PageProps {
  folder: string;
  document: OpenDocument;
  onChecked: (checked: Checked) => void;
  onSave: () => void;
  onTrain: () => void;
}

interface Props extends PageProps {
  label: string;
  forms: (settings: Settings) => ReactNode;
  children: (settings: Settings) => ReactNode;
}

/** A page of forms on the left, and beside them what they describe. */
export function FormsPage({ folder, document, onChecked, onSave, onTrain, label, forms, children }: Props) {
  const say = useSay();
  const parts = usePartForms();
  const { settings, shown } = useSettings(folder, document);
  const { drawing } = shown;
  useEffect(() => {
    if (drawing) onChecked(drawing.checked);
  }, [drawing, onChecked]);
  useKeys(settings, onSave, onTrain);
  const desk = useMemo(
    () =>
      settings && {
        parts,
        faults: settings.faults,
        readOnly: settings.readOnly,
        edit: settings.edit,
        undo: settings.sheet.undo,
      },
    [parts, settings],
  );
  if (!settings || !desk)
    return (
      <p className="forms-wait">
        {shown.refused ? <Said text={shown.refused} /> : say(shown.away ? W.away : W.wait)}
      </p>
    );
  if (drawing?.text.trim() && !isMapping(settings.document)) return <Unreadable settings={settings} />;
  return (
    <FormContext value={desk}>
      <div className="forms-page">
        <aside className="forms-side" aria-label={label}>
          <div className="forms-tools">
            <button
              type="button"
              disabled={!shown.undo}
              onClick={settings.sheet.undo}
              {...tip(say(W.undo), "Ctrl+Z")}
            >
              <Icon name="before" />
              {say(W.undo)}
            </button>
            <button
              type="button"
              disabled={!shown.redo}
              onClick={settings.sheet.redo}
              {...tip(say(W.redo), "Ctrl+Shift+Z")}
            >
              {say(W.redo)}
              <Icon name="after" />
            </button>
            {shown.waiting > 0 && <Late />}
            {shown.away && <span role="status">{say(W.waiting, { count: shown.waiting })}</span>}
            <span className="forms-doctor">
              <TextDoctor
                path={settings.path}
                text={settings.drawing.text}
                readOnly={settings.readOnly}
                onFix={(fix) => settings.edit(fix.edits)}
              />
            </span>
          </div>
          {forms(settings)}
        </aside>
        <div className="forms-main">{children(settings)}</div>
      </div>
    </FormContext>
  );
}

/** Undo everywhere but where something is written, save and train everywhere. */
function useKeys(settings: Settings | null, onSave: () => void, onTrain: () => void): void {
  const latest = useRef({ settings, onSave, onTrain });
  latest.current = { settings, onSave, onTrain };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const { settings: now, onSave: save, onTrain: train } = latest.current;
      const key = event.key.toLowerCase();
      const commit = () => document.activeElement instanceof HTMLElement && document.activeElement.blur();
      const writing = event.target instanceof HTMLElement && event.target.dataset.typed !== undefined;
      if (key === "s") {
        commit();
        save();
      } else if (key === "enter") {
        commit();
        train();
      } else if (key === "z" && !writing && now?.readOnly === undefined)
        (event.shiftKey ? now?.sheet.redo : now?.sheet.undo)?.();
      else if (key === "y" && !writing && now?.readOnly === undefined) now?.sheet.redo();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function isMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function Unreadable({ settings }: { settings: Settings }) {
  const say = useSay();
  return (
    <div className="forms-wait">
      <p>{say(W.unreadable)}</p>
      {settings.faults.map((fault) => (
        <p key={fault.message}>
          <Said text={fault.message} />
        </p>
      ))}
    </div>
  );
}
