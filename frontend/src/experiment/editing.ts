import type { DocumentText } from "../api/messages";
import type { Draft } from "./drafts";

/** A document while it is edited. */
export interface Editing {
  path: string;
  text: string;
  /** the version of the file that the text began from; empty: there is no such file yet */
  base: string;
  /** the text of that version, null where it is not known (a draft whose file changed since) */
  saved: string | null;
  /** what stands in the file now, when both it and the text have changed */
  theirs: DocumentText | null;
}

/** The lines of a file end as those of the editor; the server writes them as they were. */
export function normal(file: DocumentText): DocumentText {
  return { ...file, text: file.text.replaceAll("\r\n", "\n") };
}

export function isDirty(editing: Editing): boolean {
  return editing.text !== editing.saved;
}

/** A file that was opened, with what was written before and not saved. */
export function opened(path: string, found: DocumentText | null, draft: Draft | null): Editing {
  const file = found && normal(found);
  const clean = {
    path,
    text: file?.text ?? "",
    base: file?.version ?? "",
    saved: file?.text ?? "",
    theirs: null,
  };
  if (!draft || draft.text === file?.text) return clean;
  if (!file) return { ...clean, text: draft.text, base: "" };
  if (draft.base === file.version) return { ...clean, text: draft.text };
  return { path, text: draft.text, base: draft.base, saved: null, theirs: file };
}

/** The file has another content now: it is taken where nothing would be lost, else both are kept. */
export function changed(editing: Editing, found: DocumentText): Editing {
  const file = normal(found);
  if (file.version === editing.base) return { ...editing, saved: file.text, theirs: null };
  if (!isDirty(editing) || file.text === editing.text)
    return { ...editing, text: file.text, base: file.version, saved: file.text, theirs: null };
  return { ...editing, theirs: file };
}

/** The file is gone: what is in the editor is all there is of it. */
export function removed(editing: Editing): Editing {
  return { ...editing, base: "", saved: null, theirs: null };
}

/** The server has saved a text; the person may have written on since. */
export function stored(editing: Editing, found: DocumentText): Editing {
  const file = normal(found);
  return { ...editing, base: file.version, saved: file.text, theirs: null };
}

/** Keep one's own over theirs: the next save replaces what stands in the file now. */
export function mine(editing: Editing): Editing {
  const { theirs } = editing;
  return theirs ? { ...editing, base: theirs.version, saved: theirs.text, theirs: null } : editing;
}

export function taken(editing: Editing): Editing {
  const { theirs } = editing;
  return theirs ? { ...mine(editing), text: theirs.text } : editing;
}

/** What the browser must keep of it: nothing where all is saved. */
export function draftOf(editing: Editing): Draft | null {
  return isDirty(editing) ? { text: editing.text, base: editing.base } : null;
}
