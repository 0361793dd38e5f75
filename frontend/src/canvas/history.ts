/** A text with what was seen and selected before it became another one. */
export interface Moment {
  text: string;
  level: string;
  selected: string[];
}

interface Kept {
  now: string;
  past: Moment[];
  future: Moment[];
}

const STEPS = 200;
const ROOM = 1_500_000;

/** The texts of a document before and after the one that is shown. */
export class History {
  past: Moment[] = [];
  future: Moment[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private now = "";

  /** `key`: where it is kept over a reload of this window. */
  constructor(private key: string) {}

  /** A text becomes another one. */
  push(before: Moment, now: string): void {
    this.past = [...this.past.slice(1 - STEPS), before];
    this.future = [];
    this.keep(now);
  }

  /** The moment to go to, `-1` back or `1` forth; `now` is what it is left from. */
  go(by: 1 | -1, now: Moment): Moment | null {
    const [from, to] = by < 0 ? [this.past, this.future] : [this.future, this.past];
    const found = from.pop();
    if (!found) return null;
    to.push(now);
    this.keep(found.text);
    return found;
  }

  /** What this window knew before it was loaded again; what has changed since is one more step. */
  recall(text: string): void {
    try {
      const kept: Kept | null = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
      if (!kept) return;
      this.past = kept.past;
      this.future = kept.now === text ? kept.future : [];
      if (kept.now !== text) this.push({ text: kept.now, level: "", selected: [] }, text);
    } catch {
      sessionStorage.removeItem(this.key);
    }
  }

  /** Puts it where a reload finds it, as far as there is room. */
  flush = (): void => {
    clearTimeout(this.timer);
    const kept: Kept = { now: this.now, past: this.past, future: this.future };
    let room = ROOM;
    kept.past = this.past.filter((_, place) => {
      room -= this.past[this.past.length - 1 - place]?.text.length ?? 0;
      return room > 0;
    });
    kept.past = kept.past.length ? this.past.slice(-kept.past.length) : [];
    try {
      sessionStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      sessionStorage.removeItem(this.key); // no room: it lasts as long as the page
    }
  };

  private keep(now: string): void {
    this.now = now;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, 500);
  }
}
