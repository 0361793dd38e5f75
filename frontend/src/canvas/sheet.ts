import { RefusedError } from "../api/client";
import type { Drawing, DrawRequest, Edit } from "../api/messages";
import { following, named } from "./following";
import { History, type Moment } from "./history";

/** Where a person is while something is done. */
export interface Standing {
  level: string;
  selected: string[];
}

/** One thing that a person did: edits, with where they were made. */
export interface Step extends Standing {
  edits: Edit[];
}

type Waiting = Step | { go: 1 | -1; standing: Standing };

/** What is seen of a sheet. */
export interface Shown {
  drawing: Drawing | null;
  /** steps that the server has not answered yet */
  waiting: number;
  away: boolean;
  /** why the text could not be drawn */
  refused: string;
  undo: boolean;
  redo: boolean;
  /** where the last step has led to; another object for each step */
  landed: Standing | null;
}

/** What a sheet needs of the open document. */
export interface Text {
  path: string;
  text: () => string;
  write: (text: string) => void;
  subscribe: (listener: () => void) => () => void;
}

type Ask = (request: DrawRequest, signal: AbortSignal) => Promise<Drawing>;

const DRAWINGS = 40;
const RETRY = 3000;
const TYPING = 1200;
const AWAY = [0, 502, 503, 504];

/** The drawing of a document: sends each edit in its turn, keeps what the server has not seen yet, and goes back and forth. */
export class Sheet {
  private shown: Shown;
  private queue: Waiting[] = [];
  private listeners = new Set<() => void>();
  private history: History;
  private text: string;
  private typed = 0;
  private running: "" | "draw" | "step" = "";
  private abort = new AbortController();
  private drawings = new Map<string, Drawing>();
  private instances: Record<string, string> = {};
  private watched = 0;
  private standing: Standing = { level: "", selected: [] };
  private retry: ReturnType<typeof setTimeout> | undefined;
  private unreadable = "";

  constructor(
    private document: Text,
    private key: string,
    private ask: Ask,
    private tell: (error: unknown) => void,
  ) {
    this.history = new History(`torchwork.history.${key}`);
    this.text = document.text();
    this.history.recall(this.text);
    this.standing = this.recalled();
    this.queue = this.unsent();
    this.shown = {
      drawing: null,
      waiting: 0,
      away: false,
      refused: "",
      undo: false,
      redo: false,
      landed: null,
    };
    this.put({});
    document.subscribe(this.changed);
    window.addEventListener("pagehide", this.history.flush);
  }

  get = (): Shown => this.shown;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Somebody looks at it: it is drawn, until the returned function is called. */
  watch = (): (() => void) => {
    this.watched += 1;
    this.pump();
    return () => {
      this.watched -= 1;
      if (this.running === "draw") this.abort.abort();
    };
  };

  /** Where a person is: undo leads back there. */
  stand(standing: Standing): void {
    this.standing = standing;
    try {
      sessionStorage.setItem(`torchwork.standing.${this.key}`, JSON.stringify(standing));
    } catch {
      // no room: it lasts as long as the page
    }
  }

  /** Where a person was when this was looked at last, also before a reload. */
  stood = (): Standing => this.standing;

  private recalled(): Standing {
    return JSON.parse(sessionStorage.getItem(`torchwork.standing.${this.key}`) ?? "null") ?? this.standing;
  }

  /** Whose shapes are shown, by level. */
  look(instances: Record<string, string>): void {
    if (JSON.stringify(instances) === JSON.stringify(this.instances)) return;
    this.instances = instances;
    this.pump();
  }

  /** One step of a person. It is sent at once, or as soon as those before it are answered. */
  edit(edits: Edit[], standing: Standing = this.standing): void {
    this.enqueue({ edits, ...standing });
  }

  undo = (): void => {
    const last = this.queue.at(-1);
    if (last && "edits" in last && (this.queue.length > 1 || this.running !== "step")) {
      this.queue.pop();
      this.keepUnsent();
      this.put({});
    } else this.enqueue({ go: -1, standing: this.standing });
  };

  redo = (): void => this.enqueue({ go: 1, standing: this.standing });

  /** Waits until all steps are in the text (true) or, unless one is patient, the server is away. */
  settled = (patient: boolean): Promise<boolean> =>
    new Promise((done) => {
      let leave = () => {};
      const see = () => {
        if (this.queue.length && (patient || !this.shown.away)) return;
        leave();
        done(!this.queue.length);
      };
      leave = this.subscribe(see);
      see();
    });

  /** The server is back. */
  wake = (): void => {
    if (this.shown.away) this.put({ away: false });
    this.pump();
  };

  /** Where nodes will stand when what waits is done. */
  places(level: string): Record<string, [number, number] | null> {
    return Object.assign(
      {},
      ...this.unanswered().map((edit) =>
        edit.do === "move" && (edit.level ?? "") === level ? edit.places : {},
      ),
    );
  }

  /** The edits that the server has not answered yet. */
  unanswered(): Edit[] {
    return this.queue.flatMap((one) => ("edits" in one ? one.edits : []));
  }

  private enqueue(one: Waiting): void {
    this.queue.push(one);
    this.keepUnsent();
    this.put({});
    if (this.running === "draw") this.abort.abort();
    this.pump();
  }

  private async pump(): Promise<void> {
    if (this.running || this.shown.away) return;
    try {
      // Looked at in the same breath as the end of running: a step that comes a moment later starts anew.
      while (this.isBusy() && (await this.next()));
    } finally {
      this.running = "";
    }
  }

  private isBusy(): boolean {
    return this.queue.length > 0 || (this.watched > 0 && !this.isDrawn());
  }

  /** Does the next thing that there is to do; false: it must wait. */
  private async next(): Promise<boolean> {
    const first = this.queue[0];
    if (!first) return this.draw();
    if (!("go" in first)) return this.send(first);
    this.travel(first.go, first.standing);
    return true;
  }

  private async send(step: Step): Promise<boolean> {
    this.running = "step";
    const before = this.document.text();
    try {
      const drawing = await this.request(before, step.edits);
      // Somebody wrote in the text while the server was at work: the step is made on what stands there now.
      if (this.document.text() !== before) return true;
      this.done(step, before, drawing);
      return true;
    } catch (error) {
      return this.failed(error);
    }
  }

  private done(step: Step, before: string, drawing: Drawing): void {
    this.follow(step, this.drawings.get(this.nameOf(before)), drawing);
    this.shift();
    const { level, selected } = step;
    if (drawing.text !== before) this.history.push({ text: before, level, selected }, drawing.text);
    this.write(drawing.text);
    this.remember(drawing);
    this.put({ drawing, refused: "", landed: { level: drawing.level, selected: drawing.selected } });
  }

  /** What waits speaks of nodes by the names that they had when it was done. */
  private follow(step: Step, before: Drawing | undefined, after: Drawing): void {
    const said = step.edits.filter((edit) => edit.do === "rename");
    const renames = said.length || !before ? said : named(before, after);
    if (renames.length)
      this.queue = this.queue.map((one) =>
        "edits" in one && one !== step
          ? { ...one, edits: one.edits.map((edit) => renames.reduce(following, edit)) }
          : one,
      );
  }

  private travel(by: 1 | -1, { level, selected }: Standing): void {
    this.shift();
    const found = this.history.go(by, { text: this.document.text(), level, selected });
    if (!found) {
      this.put({});
      return;
    }
    this.write(found.text);
    const drawing = this.drawings.get(this.nameOf(found.text)) ?? this.shown.drawing;
    this.put({ drawing, landed: { level: found.level, selected: found.selected } });
  }

  private async draw(): Promise<boolean> {
    this.running = "draw";
    const text = this.document.text();
    const name = this.nameOf(text);
    try {
      const drawing = this.drawings.get(name) ?? (await this.request(text, []));
      this.drawings.set(name, drawing);
      this.put({ drawing, refused: "" });
      return true;
    } catch (error) {
      if (this.abort.signal.aborted) return true;
      this.unreadable = name;
      return this.failed(error);
    }
  }

  private async request(text: string, edits: Edit[]): Promise<Drawing> {
    this.abort = new AbortController();
    const { path } = this.document;
    return this.ask({ text, path, edits, instances: this.instances }, this.abort.signal);
  }

  /** A server that is away gets it later; what it refuses is told and given up. */
  private failed(error: unknown): boolean {
    if (error instanceof RefusedError && AWAY.includes(error.status)) {
      this.unreadable = "";
      this.put({ away: true });
      clearTimeout(this.retry);
      this.retry = setTimeout(this.wake, RETRY);
      return false;
    }
    if (this.running === "step") {
      this.shift();
      this.tell(error);
      this.put({});
    } else this.put({ refused: error instanceof RefusedError ? error.message : String(error) });
    return true;
  }

  private isDrawn(): boolean {
    const name = this.nameOf(this.document.text());
    return this.unreadable === name || this.drawings.get(name) === this.shown.drawing;
  }

  private remember(drawing: Drawing): void {
    this.drawings.set(this.nameOf(drawing.text), drawing);
    for (const name of [...this.drawings.keys()].slice(0, -DRAWINGS)) this.drawings.delete(name);
  }

  private nameOf(text: string): string {
    return `${JSON.stringify(this.instances)}\n${text}`;
  }

  private write(text: string): void {
    this.text = text;
    this.typed = 0;
    this.document.write(text);
  }

  /** Somebody else wrote in the text: a person in the editor, another window, the file itself. */
  private changed = (): void => {
    const text = this.document.text();
    if (text === this.text) return;
    const now = Date.now();
    if (now - this.typed > TYPING) this.history.push(this.moment(this.text), text);
    this.typed = now;
    this.text = text;
    this.put({});
    this.pump();
  };

  private moment(text: string): Moment {
    return { text, ...this.standing };
  }

  private shift(): void {
    this.queue.shift();
    this.keepUnsent();
  }

  private keepUnsent(): void {
    const steps = this.queue.filter((one) => "edits" in one);
    const key = `torchwork.unsent.${this.key}`;
    if (steps.length) sessionStorage.setItem(key, JSON.stringify(steps));
    else sessionStorage.removeItem(key);
  }

  private unsent(): Waiting[] {
    return JSON.parse(sessionStorage.getItem(`torchwork.unsent.${this.key}`) ?? "[]");
  }

  private put(part: Partial<Shown>): void {
    const { past, future } = this.history;
    const waiting = this.queue.filter((one) => "edits" in one).length;
    this.shown = {
      ...this.shown,
      ...part,
      waiting,
      undo: past.length > 0 || waiting > 0,
      redo: future.length > 0,
    };
    for (const listener of this.listeners) listener();
  }
}
