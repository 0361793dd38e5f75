/** A part of a line with what its escape codes ask for. */
export interface Span {
  text: string;
  color: string | null;
  bold: boolean;
}

const ESCAPE = String.fromCharCode(27);
// CSI sequences (colours end with m), OSC sequences (titles, links), and the two-character rest.
const CODES = new RegExp(
  `${ESCAPE}(?:\\[([0-9;:?<=>]*)[ -/]*([@-~])|\\][^\\u0007${ESCAPE}]*(?:\\u0007|${ESCAPE}\\\\)|[@-Z\\\\^_])`,
  "g",
);
const NAMES = ["gray", "red", "green", "orange", "blue", "grape", "teal", "gray"] as const;
const MOST = 200_000;

/** A line without its escape codes. */
export function plain(line: string): string {
  return line.includes(ESCAPE) ? line.replace(CODES, "") : line;
}

/** A line cut where its colour changes; codes that are no colours are left out. */
export function spans(line: string): Span[] {
  if (!line.includes(ESCAPE)) return [{ text: line, color: null, bold: false }];
  const found: Span[] = [];
  let [at, color, bold]: [number, string | null, boolean] = [0, null, false];
  const push = (end: number) => {
    if (end > at) found.push({ text: line.slice(at, end), color, bold });
  };
  for (const match of line.matchAll(CODES)) {
    push(match.index);
    at = match.index + match[0].length;
    if (match[2] === "m") [color, bold] = styled(match[1] ?? "", color, bold);
  }
  push(line.length);
  return found;
}

function styled(codes: string, color: string | null, bold: boolean): [string | null, boolean] {
  const numbers = codes.split(";").map(Number);
  if (numbers[0] === 38 || numbers[0] === 48) return [color, bold]; // 256 and true colours: as the text around
  for (const code of numbers) {
    if (code === 0) [color, bold] = [null, false];
    else if (code === 1) bold = true;
    else if (code === 22) bold = false;
    else if (code === 39) color = null;
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) color = NAMES[code % 10] ?? null;
  }
  return [color, bold];
}

/** What a terminal shows of a line over which a progress bar was drawn again and again. */
export function folded(line: string): string {
  const end = line.endsWith("\r") ? line.length - 1 : line.length;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}

/** The lines of a console that grows; the last one may go on. */
export class Lines {
  list: string[] = [];
  /** so many lines at the beginning were given up, lest the page grows without end */
  dropped = 0;
  private open = "";

  /** Adds text in time of its own length, however much there is already. */
  add(text: string): void {
    if (this.open) this.list.pop();
    const parts = (this.open + text).split("\n");
    this.open = unfinished(parts.pop() ?? "");
    for (const part of parts) this.list.push(folded(part));
    if (this.open) this.list.push(folded(this.open));
    this.trim();
  }

  /** Puts earlier text before all others, whole lines only; says how many. */
  addBefore(text: string): number {
    const parts = text.split("\n");
    if (parts.at(-1) === "") parts.pop();
    this.list = [...parts.map(folded), ...this.list];
    return parts.length;
  }

  /** Whether more lines may come before these. */
  get hasRoom(): boolean {
    return this.dropped === 0 && this.list.length < MOST;
  }

  clear(): void {
    [this.list, this.dropped, this.open] = [[], 0, ""];
  }

  private trim(): void {
    if (this.list.length <= MOST * 1.1) return;
    this.dropped += this.list.length - MOST;
    this.list = this.list.slice(-MOST);
  }
}

/** Of a line that goes on only what is seen: a progress bar of an hour stays one line long. */
function unfinished(line: string): string {
  return line.endsWith("\r") ? `${folded(line)}\r` : folded(line);
}

/** The places of the lines that hold `text`, in any case. */
export function matches(lines: readonly string[], text: string): number[] {
  const wanted = text.toLowerCase();
  if (!wanted) return [];
  const found: number[] = [];
  for (let place = 0; place < lines.length; place++)
    if (
      plain(lines[place] as string)
        .toLowerCase()
        .includes(wanted)
    )
      found.push(place);
  return found;
}
