import { useEffect, useMemo, useSyncExternalStore } from "react";
import { send } from "../api/client";
import { useLive } from "../api/live";
import type { Drawing } from "../api/messages";
import type { OpenDocument } from "../experiment/document";
import { tellError } from "../ui/notices";
import { Sheet, type Shown } from "./sheet";

const sheets = new WeakMap<OpenDocument, Sheet>();

/** The sheet of an open document: one for all its views, so that undo reaches what was written in the text too. */
export function sheetOf(folder: string, document: OpenDocument): Sheet {
  const known = sheets.get(document);
  if (known) return known;
  const text = {
    path: document.path,
    text: () => document.get()?.editing.text ?? "",
    write: (next: string) => document.write(next),
    subscribe: document.subscribe,
  };
  const made = new Sheet(
    text,
    `${folder}\n${document.path}`,
    (request, signal) => send<Drawing>("POST", "draw", request, {}, signal),
    tellError,
  );
  sheets.set(document, made);
  document.arrived = made.settled;
  return made;
}

/** The sheet while it is looked at, as it is shown now. */
export function useSheet(folder: string, document: OpenDocument): { sheet: Sheet; shown: Shown } {
  const sheet = useMemo(() => sheetOf(folder, document), [folder, document]);
  const shown = useSyncExternalStore(sheet.subscribe, sheet.get);
  useEffect(() => sheet.watch(), [sheet]);
  const connection = useLive((live) => live.connection);
  useEffect(() => {
    if (connection === "open") sheet.wake();
  }, [sheet, connection]);
  return { sheet, shown };
}
