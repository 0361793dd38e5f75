import { useMemo } from "react";
import type { Drawing, Edit, Fault } from "../api/messages";
import type { Sheet, Shown } from "../canvas/sheet";
import { useSheet } from "../canvas/useSheet";
import type { OpenDocument } from "../experiment/document";
import { useReadOnly } from "../ui/writable";
import { foreseen, valueAt } from "./places";

/** A document whose values are shown and changed by forms. */
export interface Settings {
  path: string;
  sheet: Sheet;
  drawing: Drawing;
  /** its plain values, with what was typed and is not answered yet */
  document: unknown;
  faults: readonly Fault[];
  readOnly: string | undefined;
  at: (place: string) => unknown;
  edit: (edits: Edit[]) => void;
  /** undefined: what is written goes, so that the default holds */
  put: (place: string, value: unknown) => void;
}

/** The settings of an open document; null until it is drawn for the first time. */
export function useSettings(folder: string, open: OpenDocument): { settings: Settings | null; shown: Shown } {
  const { sheet, shown } = useSheet(folder, open);
  const readOnly = useReadOnly();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what waits is read from the sheet
  const settings = useMemo(
    () => (shown.drawing ? settingsOf(open.path, sheet, shown.drawing, readOnly) : null),
    [open, sheet, shown.drawing, shown.waiting, readOnly],
  );
  return { settings, shown };
}

export function settingsOf(
  path: string,
  sheet: Sheet,
  drawing: Drawing,
  readOnly: string | undefined,
): Settings {
  const document = foreseen(drawing.document, sheet.unanswered());
  const edit = (edits: Edit[]) => {
    if (readOnly === undefined) sheet.edit(edits);
  };
  const put = (place: string, value: unknown) => {
    if (value !== undefined) edit([{ do: "set", path: place, value: value as never }]);
    else if (valueAt(document, place) !== undefined) edit([{ do: "unset", path: place }]);
  };
  return {
    path,
    sheet,
    drawing,
    document,
    faults: drawing.faults,
    readOnly,
    at: (place) => valueAt(document, place),
    edit,
    put,
  };
}
