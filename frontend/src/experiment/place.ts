/** Where the cursor is in a YAML text: the way to the value around it, and what is being written there. */
export interface Place {
  /** keys from the top; ITEM for an element of a list */
  path: string[];
  /** start: a key or a plain value may begin; key: only a key; value: after `key:` or in a list in brackets */
  at: "start" | "key" | "value";
  word: string;
  /** where the word begins in the text */
  from: number;
  /** keys that stand before it in the same mapping */
  before: string[];
}

export const ITEM = "[]";

interface Frame {
  kind: "map" | "list";
  /** the column of its keys or dashes; Infinity in brackets */
  column: number;
  key: string | null;
  keys: string[];
}

const KEY = /^("[^"]*"|'[^']*'|[^\s#{}[\],:"'&*!|>%@`][^:#]*?)\s*:(?:\s+|$)/;
const DASH = /^-(\s+|$)/;
const LITERAL = /^[|>][-+0-9]*\s*(#.*)?$/;

/** The place at `position`; null in a comment, a quoted string or a literal text. */
export function placeAt(text: string, position: number): Place | null {
  const lines = text.slice(0, position).split("\n");
  const last = lines.pop() ?? "";
  const scan = new Scan();
  for (const line of lines) scan.line(line);
  return scan.cursor(last, position);
}

/** A key of the text with what stands behind it on the same line, if it is plain. */
export interface Entry {
  path: string[];
  value: string;
}

/** All keys of a text, in order. */
export function entriesOf(text: string): Entry[] {
  const scan = new Scan();
  for (const line of text.split("\n")) scan.line(line);
  return scan.entries;
}

/** Reads a text line by line and keeps the mappings and lists that are open. */
class Scan {
  readonly entries: Entry[] = [];
  private stack: Frame[] = [];
  /** the lines of a literal text are deeper than this column */
  private literal: number | null = null;
  private quote = "";
  private comment = false;
  private word = "";
  private at: Place["at"] = "start";

  line(line: string): void {
    this.comment = false;
    const indent = line.search(/\S/);
    if (this.inBrackets()) this.brackets(`${line} `);
    else if (indent >= 0 && !this.isLiteral(indent)) this.block(line.slice(indent), indent);
    if (!this.inBrackets()) this.quote = "";
  }

  cursor(line: string, position: number): Place | null {
    const spaces = line.search(/\S/);
    const indent = spaces < 0 ? line.length : spaces;
    this.comment = false;
    if (this.inBrackets()) this.brackets(line);
    else if (this.isLiteral(indent)) return null;
    else this.block(line.slice(indent), indent);
    return this.comment || this.quote ? null : this.place(position);
  }

  private place(position: number): Place {
    const word = this.word.trimStart();
    const top = this.stack.at(-1);
    const inMapping = top?.kind === "map" && top.key === null;
    const path = this.path();
    const at = this.inBrackets() ? (inMapping ? "key" : "value") : this.at;
    return { path, at, word, from: position - word.length, before: inMapping ? top.keys : [] };
  }

  private path(): string[] {
    return this.stack.flatMap(({ kind, key }) => (kind === "list" ? [ITEM] : key === null ? [] : [key]));
  }

  private note(value: string): void {
    this.entries.push({ path: this.path(), value: unquoted(value.replace(/\s+#.*$/, "").trim()) });
  }

  private isLiteral(indent: number): boolean {
    if (this.literal !== null && indent <= this.literal) this.literal = null;
    return this.literal !== null;
  }

  /** A line, or its part before the cursor, outside of brackets. */
  private block(line: string, indent: number): void {
    let [rest, column] = [line, indent];
    if (rest.startsWith("#")) {
      this.comment = true;
      return;
    }
    for (let dash = DASH.exec(rest); dash; dash = DASH.exec(rest)) {
      this.dash(column);
      column += dash[0].length;
      rest = rest.slice(dash[0].length);
    }
    const key = KEY.exec(rest);
    if (key) this.key(column, unquoted(key[1] as string));
    else if (column === indent) this.level(column);
    this.at = key ? "value" : "start";
    if (key) this.note(rest.slice(key[0].length));
    this.value(key ? rest.slice(key[0].length) : rest, column);
  }

  private value(rest: string, column: number): void {
    this.word = "";
    if (LITERAL.test(rest)) this.literal = column;
    if (rest[0] === "{" || rest[0] === "[") {
      this.brackets(rest);
      return;
    }
    const open = /^(["'])(?:(?!\1).)*(\1)?/.exec(rest);
    this.quote = open && !open[2] ? (open[1] as string) : "";
    this.comment = /(^|\s)#/.test(open ? rest.slice(open[0].length) : rest);
    this.word = rest;
  }

  private dash(column: number): void {
    this.stack = this.stack.filter((frame) => frame.column <= column);
    const top = this.stack.at(-1);
    if (top?.kind !== "list" || top.column !== column)
      this.stack.push({ kind: "list", column, key: null, keys: [] });
  }

  /** The mapping whose keys stand at this column, if there is one, is the innermost from here on. */
  private level(column: number): Frame | null {
    this.stack = this.stack.filter(
      (frame) => frame.column < column || (frame.column === column && frame.kind === "map"),
    );
    const top = this.stack.at(-1);
    if (top?.column !== column) return null;
    top.key = null;
    return top;
  }

  private key(column: number, key: string): void {
    const frame = this.level(column);
    if (frame) {
      frame.key = key;
      frame.keys.push(key);
    } else this.stack.push({ kind: "map", column, key, keys: [key] });
  }

  private brackets(text: string): void {
    for (let place = 0; place < text.length && !this.comment; place++) {
      const letter = text[place] as string;
      if (this.quote) this.inQuote(letter);
      else if (letter === "#" && /^\s?$/.test(text[place - 1] ?? "")) this.comment = true;
      else this.letter(letter, text[place + 1]);
    }
  }

  private inQuote(letter: string): void {
    this.word += letter;
    if (letter === this.quote) this.quote = "";
  }

  private letter(letter: string, next: string | undefined): void {
    const top = this.stack.at(-1);
    const isKey =
      letter === ":" && top?.kind === "map" && this.inBrackets() && /^[\s{[,}]?$/.test(next ?? "");
    if (!"{}[],".includes(letter) && !isKey) {
      if ((letter === '"' || letter === "'") && !this.word.trim()) this.quote = letter;
      this.word += letter;
      return;
    }
    if (isKey) {
      top.key = unquoted(this.word.trim());
      top.keys.push(top.key);
      this.note("");
    } else if (letter === "{" || letter === "[") {
      const kind = letter === "{" ? "map" : "list";
      this.stack.push({ kind, column: Number.POSITIVE_INFINITY, key: null, keys: [] });
    } else {
      if (top?.key != null && this.word.trim()) this.note(this.word);
      if (letter !== ",") this.close();
      else if (top) top.key = null;
    }
    this.word = "";
  }

  private close(): void {
    if (this.inBrackets()) this.stack.pop();
  }

  private inBrackets(): boolean {
    return this.stack.at(-1)?.column === Number.POSITIVE_INFINITY;
  }
}

function unquoted(key: string): string {
  return /^(["']).*\1$/.test(key) ? key.slice(1, -1) : key;
}
