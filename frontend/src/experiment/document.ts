import { get, RefusedError, send } from "../api/client";
import type { DocumentText } from "../api/messages";
import { type Draft, keepDraft, onDraft, readDraft } from "./drafts";
import { changed, draftOf, type Editing, isDirty, mine, opened, removed, stored, taken } from "./editing";

export type Saving = "idle" | "saving" | "away" | "refused";

/** What the page shows of an open document. */
export interface Open {
  editing: Editing;
  saving: Saving;
  /** why it could not be opened or saved */
  refused: string;
  /** false: the browser has no room, so closing the window would lose what is not saved */
  kept: boolean;
}

/** A document of a folder while the page has it open: nothing that was written in it is ever lost. */
export class OpenDocument {
  private state: Open | null = null;
  private listeners = new Set<() => void>();
  private stopListening: () => void;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private folder: string,
    readonly path: string,
  ) {
    this.stopListening = onDraft(folder, path, (draft) => {
      if (draft) this.mirror(draft);
      else this.follow();
    });
  }

  get = (): Open | null => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  close(): void {
    this.closed = true;
    this.stopListening();
    this.flush();
  }

  write(text: string): void {
    if (!this.state || text === this.state.editing.text) return;
    this.put({ editing: { ...this.state.editing, text } }, false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), 100);
  }

  /** Puts what was just written where a reload finds it. */
  flush = (): void => {
    clearTimeout(this.timer);
    if (!this.state) return;
    const kept = keepDraft(this.folder, this.path, draftOf(this.state.editing));
    if (kept !== this.state.kept) this.put({ kept }, false);
  };

  /** Reads the file, at first and whenever somebody may have changed it. */
  refresh = async (): Promise<void> => {
    const found = await this.read();
    if (found === undefined || this.closed) return;
    const { state } = this;
    if (!state) {
      const editing = opened(this.path, found, readDraft(this.folder, this.path));
      const refused = found || isDirty(editing) ? "" : this.gone;
      this.put({ editing, refused, saving: "idle" });
    } else if (found === null) this.lost(state);
    else if (state.saving !== "saving")
      this.put({
        editing: changed(state.editing, found),
        refused: state.saving === "refused" ? state.refused : "",
      });
  };

  /**
   * Waits for what a person has done and the text does not say yet: the drawing sets it. False: the server is away, and
   * it still does not; who is `patient` waits for that too.
   */
  arrived: (patient: boolean) => Promise<boolean> = async () => true;

  /** Saves; true where the file holds the text now. While the server is away the wish is remembered. */
  save = async (): Promise<boolean> => {
    if (!(await this.arrived(false))) return this.saveLater();
    const { state } = this;
    if (!state || state.editing.theirs) return false;
    if (!isDirty(state.editing)) {
      if (state.saving === "away") this.put({ saving: "idle", refused: "" });
      return true;
    }
    const { text, base } = state.editing;
    this.put({ saving: "saving" });
    try {
      const body = { path: this.path, text, base, force: false };
      const file = await send<DocumentText>("PUT", "document", body);
      this.put({ editing: stored(this.state?.editing ?? state.editing, file), saving: "idle", refused: "" });
      return true;
    } catch (error) {
      await this.unsaved(error);
      return false;
    }
  };

  private later: Promise<void> | null = null;

  /** What is to be saved is not in the text yet: it is saved when it is. */
  private saveLater(): false {
    this.put({ saving: "away" });
    this.later ??= this.arrived(true).then(async () => {
      this.later = null;
      if (!this.closed) await this.save();
    });
    return false;
  }

  /** The server is back: what should have been saved is sent, if nobody has changed the file. */
  back = async (): Promise<void> => {
    const wished = this.state?.saving === "away" && !this.later;
    await this.refresh();
    if (wished) await this.save();
  };

  takeTheirs = (): void => this.settle(taken);

  keepMine = async (): Promise<boolean> => {
    this.settle(mine);
    return this.save();
  };

  private gone = "";

  /** What another window of this browser writes in the same document is seen here too. */
  private mirror(draft: Draft): void {
    if (!this.state) return;
    const { editing } = this.state;
    const same = draft.base === editing.base;
    if (draft.text !== editing.text || !same)
      this.put({ editing: { ...editing, ...draft, saved: same ? editing.saved : null } }, false);
    if (!same) this.refresh();
  }

  /** Another window has nothing unsaved any more: it has saved, or gone back to what was saved. So does this one. */
  private async follow(): Promise<void> {
    const before = this.state?.editing.text;
    const found = await this.read();
    const { state } = this;
    if (!found || !state || this.closed || state.saving === "saving" || state.editing.text !== before)
      await this.refresh();
    else this.put({ editing: opened(this.path, found, null), refused: "" }, false);
  }

  private async read(): Promise<DocumentText | null | undefined> {
    try {
      return await get<DocumentText>("document", { path: this.path });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.gone = error.message;
      if (error.status === 404) return null;
      this.unreadable(error);
      return undefined;
    }
  }

  /** The file is gone: what was written in it stays, to be saved as a new one. */
  private lost({ editing }: Open): void {
    if (editing.base) this.put({ editing: removed(editing) });
    else if (!isDirty(editing)) this.put({ refused: this.gone });
  }

  /** Where the file cannot be read, what the browser has kept is shown. */
  private unreadable(error: RefusedError): void {
    if (this.state) return;
    const draft = readDraft(this.folder, this.path);
    const editing = {
      path: this.path,
      text: draft?.text ?? "",
      base: draft?.base ?? "",
      saved: null,
      theirs: null,
    };
    if (draft) this.put({ editing, refused: error.message, saving: error.status === 0 ? "away" : "refused" });
    else this.put({ editing: { ...editing, saved: "" }, refused: error.message });
  }

  private async unsaved(error: unknown): Promise<void> {
    if (!(error instanceof RefusedError)) throw error;
    this.put({ saving: error.status === 0 ? "away" : "refused", refused: error.message });
    if (error.status === 409) {
      this.put({ saving: "idle", refused: "" });
      await this.refresh();
    }
  }

  private settle(how: (editing: Editing) => Editing): void {
    if (this.state) this.put({ editing: how(this.state.editing), saving: "idle", refused: "" });
  }

  private put(part: Partial<Open>, keep = true): void {
    const first: Open = { editing: opened(this.path, null, null), saving: "idle", refused: "", kept: true };
    this.state = { ...(this.state ?? first), ...part };
    if (keep) this.flush();
    for (const listener of this.listeners) listener();
  }
}
