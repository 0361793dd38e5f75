/** A text in pieces, ready to become elements: no markup of the text itself is ever taken over. */
export type Block =
  | { kind: "heading"; level: number; inline: Inline[] }
  | { kind: "paragraph"; inline: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "emphasis"; inline: Inline[] }
  | { kind: "link"; text: string; href: string }
  | { kind: "break" };

const FENCE = /^\s{0,3}(```+|~~~+)/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^\s{0,6}([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const DEEPEST = 8;
/** beyond this a line or text is no prose any more, and stays as it is */
const LONG_LINE = 4000;
const LONG_TEXT = 20_000;

/** Markdown as people write it in logs: headings, lists, quotes, tables, code; everything else is text. */
export function blocks(text: string, depth = 0): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = read(lines, at, depth);
    if (block) found.push(block);
    at = next;
  }
  return found;
}

type Read = [block: Block | null, next: number];

function read(lines: readonly string[], at: number, depth: number): Read {
  const line = lines[at] as string;
  if (!line.trim()) return [null, at + 1];
  if (line.length > LONG_LINE) return [{ kind: "paragraph", inline: [{ kind: "text", text: line }] }, at + 1];
  const fence = FENCE.exec(line);
  if (fence) return readCode(lines, at, fence[1] as string);
  const heading = HEADING.exec(line);
  if (heading)
    return [{ kind: "heading", level: heading[1]?.length ?? 1, inline: inline(heading[2] ?? "") }, at + 1];
  if (RULE.test(line)) return [{ kind: "rule" }, at + 1];
  if (QUOTE.test(line) && depth < DEEPEST) return readQuote(lines, at, depth);
  if (ITEM.test(line)) return readList(lines, at);
  if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-"))
    return readTable(lines, at);
  if (/^ {4}|^\t/.test(line)) return readIndented(lines, at);
  return readParagraph(lines, at);
}

function readCode(lines: readonly string[], at: number, fence: string): Read {
  let end = at + 1;
  while (end < lines.length && !lines[end]?.trim().startsWith(fence)) end++;
  return [{ kind: "code", text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function readIndented(lines: readonly string[], at: number): Read {
  let end = at;
  while (end < lines.length && /^ {4}|^\t/.test(lines[end] as string)) end++;
  const text = lines.slice(at, end).map((line) => line.replace(/^ {4}|^\t/, ""));
  return [{ kind: "code", text: text.join("\n") }, end];
}

function readQuote(lines: readonly string[], at: number, depth: number): Read {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] as string)) end++;
  const inner = lines.slice(at, end).map((line) => QUOTE.exec(line)?.[1] ?? "");
  return [{ kind: "quote", blocks: blocks(inner.join("\n"), depth + 1) }, end];
}

function readList(lines: readonly string[], at: number): Read {
  const ordered = /\d/.test(ITEM.exec(lines[at] as string)?.[1] ?? "");
  const items: string[] = [];
  let end = at;
  for (; end < lines.length; end++) {
    const line = lines[end] as string;
    const item = ITEM.exec(line);
    if (item) items.push(item[2] ?? "");
    else if (line.trim() && /^\s/.test(line)) items.push(`${items.pop()} ${line.trim()}`);
    else break;
  }
  return [{ kind: "list", ordered, items: items.map(inline) }, end];
}

function readTable(lines: readonly string[], at: number): Read {
  let end = at + 2;
  while (end < lines.length && lines[end]?.includes("|")) end++;
  const rows = lines.slice(at + 2, end).map((line) => cells(line).map(inline));
  return [{ kind: "table", head: cells(lines[at] as string).map(inline), rows }, end];
}

function cells(line: string): string[] {
  const inner = line.trim().replace(/^\||\|$/g, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function readParagraph(lines: readonly string[], at: number): Read {
  let end = at + 1;
  while (end < lines.length && !begins(lines[end] as string)) end++;
  return [{ kind: "paragraph", inline: inline(lines.slice(at, end).join("\n")) }, end];
}

function begins(line: string): boolean {
  return (
    line.length > LONG_LINE ||
    !line.trim() ||
    [FENCE, HEADING, RULE, QUOTE, ITEM].some((pattern) => pattern.test(line))
  );
}

const INLINE =
  /(?<code>`+)(?<coded>[^`]|[^`][\s\S]*?[^`])\k<code>(?!`)|(?<strong>\*\*|__)(?=\S)(?<bold>[\s\S]*?\S)\k<strong>|(?<![\p{L}\p{N}])(?<emphasis>[*_])(?=\S)(?<slanted>[^*_]*?\S)\k<emphasis>(?![\p{L}\p{N}])|\[(?<label>[^\]\n]*)\]\((?<href>[^)\s]+)(?:\s+"[^"]*")?\)|(?<break>[ \\]{2,}\n|\\\n|<br\s*\/?>)/u;

/** Emphasis, code, links and line breaks; a link leads only to http, https or mail. */
export function inline(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let rest = text;
  while (rest) {
    const match = depth < DEEPEST && rest.length < LONG_TEXT ? INLINE.exec(rest) : null;
    if (!match) break;
    if (match.index) found.push({ kind: "text", text: rest.slice(0, match.index) });
    found.push(piece(match.groups as Record<string, string | undefined>, match[0], depth));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) found.push({ kind: "text", text: rest });
  return found;
}

function piece(groups: Record<string, string | undefined>, whole: string, depth: number): Inline {
  if (groups.coded !== undefined) return { kind: "code", text: groups.coded };
  if (groups.bold !== undefined) return { kind: "strong", inline: inline(groups.bold, depth + 1) };
  if (groups.slanted !== undefined) return { kind: "emphasis", inline: inline(groups.slanted, depth + 1) };
  if (groups.break !== undefined) return { kind: "break" };
  const href = groups.href ?? "";
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return { kind: "text", text: whole };
  return { kind: "link", text: groups.label || href, href };
}
