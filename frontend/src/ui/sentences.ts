/** English templates with numbered holes, each with its translation: `no {0} at {1}` to `{1} 处没有 {0}`. */
export type Catalogue = Readonly<Record<string, string>>;

interface Template {
  english: string;
  translated: string;
  /** letters that are no holes: of two templates that match, the one that says more is meant */
  weight: number;
  pattern?: RegExp;
}

const TOKEN = /\{\{|\}\}|\{(\d+|s)\}/g;
/** The place in the document that a message begins with: a problem has it beside its message instead. */
const PLACE = /^(?:[a-z]\w*|\{\d+\})(?:\.\w+|\.\{\d+\}|\[\{\d+\}\])*: /;
const CODE = /^(?:`[^`]+`|'[^']*'|"[^"]*"|[^\s,;()]+(?:\(\S*\))?)$/;
/** Before a list in which other things stand too: `one of 'same', 'valid' or an int`. */
const ONE_OF = /^one of (?='[^']*'(?:, | or ).*\b(?:an?|null|true)\b)/;
const SEPARATORS = new Map([
  [", ", "、"],
  [", or ", " 或 "],
  [", and ", " 和 "],
  [" or ", " 或 "],
  [" and ", " 和 "],
]);
const BRACKETS = /^(.*\S) \((.+)\)$/;
const LETTERS = /[A-Za-z]+/g;
/** A hole that another program's words stand in: only what is wholly known is translated, the rest is quoted. */
const QUOTED = /torch says: \{(\d+)\}$/;
const LONGEST = 3000;
const REMEMBERED = 2000;
const SHORT = 20;

/** Translates sentences that were made from a catalogue's templates; what it does not know stays as it is. */
export function translator(catalogue: Catalogue): (text: string) => string {
  const index = indexed(catalogue);
  const known = new Map<string, string>();
  const say = (text: string): string => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const after = text.length > LONGEST || !/[A-Za-z]{2}/.test(text) ? text : translated(text, index, say);
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, after);
    return after;
  };
  return say;
}

type Say = (text: string) => string;

function translated(text: string, index: Index, say: Say): string {
  if (text.includes("\n")) return text.split("\n").map(say).join("\n");
  return (
    listed(text, index, say) ?? whole(text, index, say) ?? spaced(text, say) ?? inParts(text, say) ?? text
  );
}

/** `an int, a list of ints or null`: each part a sentence of its own, or one piece of code. */
function listed(text: string, index: Index, say: Say): string | null {
  const parts = text.replace(ONE_OF, "").split(/(, (?:or |and )?| or | and )/);
  if (parts.length < 3) return null;
  const rest = parts.filter((_, place) => place % 2 === 0).slice(1);
  if (rest.every((part) => CODE.test(part) && part !== "null") && whole(text, index, say)) return null; // its hole is the list
  const phrases = parts.some((part, place) => place % 2 === 0 && !CODE.test(part)); // `text` is a word beside `a list`
  const after: string[] = [];
  for (const [place, part] of parts.entries()) {
    const code = CODE.test(part) ? part : null;
    const told = place % 2 ? (SEPARATORS.get(part) ?? part) : (phrases && whole(part, index, say)) || code;
    if (told === null) return null;
    after.push(told);
  }
  return typeset(after);
}

/** The whole text as one template, its holes translated in their turn. */
function whole(text: string, index: Index, say: Say, least = 0): string | null {
  let best: { template: Template; found: RegExpMatchArray } | null = null;
  for (const template of candidates(text, index)) {
    if (template.weight < least || (best && template.weight <= best.template.weight)) continue;
    const found = text.match(patternOf(template));
    if (found) best = { template, found };
  }
  if (!best) return null;
  const values = best.found.groups ?? {};
  const quoted = QUOTED.exec(best.template.english)?.[1];
  const told = (hole: string) => {
    const value = values[`h${hole}`] ?? "";
    return hole === quoted ? (whole(value, index, say, value.length / 3) ?? value) : say(value);
  };
  return typeset(pieces(best.template.translated).map((piece, place) => (place % 2 ? told(piece) : piece)));
}

/** Texts put together, with a blank where Chinese meets Latin letters, and none between Chinese. */
function typeset(texts: string[]): string {
  return texts.reduce((before, text) => {
    if (/[\u3000-\u9fff\uff00-\uffef] $/.test(before) && /^[\u3000-\u9fff]/.test(text))
      return before.trimEnd() + text;
    if (/[\u3000-\u9fff]$/.test(before) && /^ [\u3000-\u9fff]/.test(text)) return before + text.trimStart();
    const meet = /[\u4e00-\u9fff]$/.test(before) && /^[\w`'"[(]/.test(text);
    const leave = /[\w`'"\])]$/.test(before) && /^[\u4e00-\u9fff]/.test(text);
    return before + (meet || leave ? " " : "") + text;
  }, "");
}

/** Blanks around a text, and a colon before it, belong to no template. */
function spaced(text: string, say: Say): string | null {
  if (text.startsWith(": ")) return `：${say(text.slice(2))}`;
  const core = text.trim();
  return core === text ? null : text.replace(core, () => say(core));
}

/** Texts that were put together: sentences in a row, advice in brackets, a place before a message, lists. */
function inParts(text: string, say: Say): string | null {
  return (
    advised(text, say) ??
    joined(text, say, /; (?:or )?/, "；") ??
    placed(text, say) ??
    ofNode(text, say) ??
    joined(text, say, /, (?:or |and )?/, "，") ??
    joined(text, say, / -> /, " -> ") ??
    joined(text, say, / = /, " = ") ??
    joined(text, say, / or /, " 或 ") ??
    bracketed(text, say)
  );
}

function advised(text: string, say: Say): string | null {
  const [, before, inside] = text.match(BRACKETS) ?? [];
  if (before === undefined || inside === undefined || say(inside) === inside) return null;
  const values = inside.split(/, | and | or /).every((part) => CODE.test(part));
  if (values && say(before) === before) return null; // they belong to the sentence: `(2x9 and 8x3)`
  return `${say(before)}（${say(inside)}）`;
}

/** What stands in brackets is code: the words before it are told. */
function bracketed(text: string, say: Say): string | null {
  const [, before, inside] = text.match(BRACKETS) ?? [];
  return before === undefined || say(before) === before ? null : `${say(before)} (${inside})`;
}

function placed(text: string, say: Say): string | null {
  const end = text.indexOf(": ");
  if (end < 0) return null;
  const [place, rest] = [text.slice(0, end), text.slice(end + 2)];
  if (!isWhole(place)) return null;
  const parts = [say(place), say(rest)] as const;
  if (parts[0] === place && parts[1] === rest) return null;
  return parts.join(place === "" ? "：" : ": ");
}

/** `` `fc` and `head` Linear moved after `x` ``: what a line of differences is of stands before what happened. */
function ofNode(text: string, say: Say): string | null {
  const [, names, rest] = text.match(/^((?:`[^`]+`(?:, | and | (?=\w)))+)(.+)$/) ?? [];
  if (names === undefined || rest === undefined) return null;
  const of = names.replaceAll(" and ", " 和 ");
  const [, kind = "", what = rest] = rest.match(/^(\w+ )(.+)$/) ?? [];
  if (say(what) !== what) return of + kind + say(what);
  return say(rest) === rest && of === names ? null : of + say(rest);
}

function joined(text: string, say: Say, between: RegExp, mark: string): string | null {
  const parts = text.split(between);
  if (parts.length < 2 || !parts.every(isWhole)) return null;
  const after = parts.map(say);
  return after.some((part, place) => part !== parts[place]) ? after.join(mark) : null;
}

/** Whether no bracket is open: a mark inside one is none between sentences. */
function isWhole(part: string): boolean {
  return part.match(/[([{]/g)?.length === part.match(/[)\]}]/g)?.length;
}

interface Index {
  /** by the longest word that stands in each text of the template */
  byWord: Map<string, Template[]>;
  anywhere: Template[];
}

function indexed(catalogue: Catalogue): Index {
  const index: Index = { byWord: new Map(), anywhere: [] };
  for (const [english, words] of Object.entries(catalogue)) {
    add(index, english, words);
    const place = english.match(PLACE)?.[0];
    if (place && words.startsWith(place)) add(index, english.slice(place.length), words.slice(place.length));
  }
  return index;
}

function add(index: Index, english: string, words: string): void {
  const template = { english, translated: words, weight: english.replace(TOKEN, "").length };
  const word = anchor(english);
  const list = word === null ? index.anywhere : (index.byWord.get(word) ?? []);
  list.push(template);
  if (word !== null) index.byWord.set(word, list);
}

/** The longest word that no hole touches: one that does is not the same word in a text. */
function anchor(english: string): string | null {
  const words = pieces(english)
    .map((piece, place) => (place % 2 ? "§" : piece))
    .join("")
    .match(/[A-Za-z§]+/g);
  const untouched = (words ?? []).filter((word) => !word.includes("§"));
  return untouched.sort((one, other) => other.length - one.length)[0] ?? null;
}

function candidates(text: string, index: Index): Template[] {
  const words = new Set(text.match(LETTERS) ?? []);
  return [...[...words].flatMap((word) => index.byWord.get(word) ?? []), ...index.anywhere];
}

function patternOf(template: Template): RegExp {
  template.pattern ??= new RegExp(
    `^${pieces(template.english)
      .map((piece, place, all) =>
        place % 2
          ? group(piece, place === 1 && all[0] === "" && template.weight < SHORT, isBeforeAdvice(place, all))
          : escaped(piece),
      )
      .join("")}$`,
  );
  return template.pattern;
}

/** `{2} ({3})` at the end: of several brackets the last is the advice. */
function isBeforeAdvice(place: number, all: readonly string[]): boolean {
  return place === all.length - 4 && all[place + 1] === " (" && all[place + 3] === ")";
}

/** A hole; before the first letter of a short template it holds no other sentence: `{0} is missing`. */
function group(hole: string, narrow: boolean, wide: boolean): string {
  if (hole === "s") return "[a-z ]{0,7}?";
  if (wide) return `(?<h${hole}>.*)`;
  return narrow ? `(?<h${hole}>(?:(?![:;,] ).)*?)` : `(?<h${hole}>.*?)`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Literals at even places, the names of holes between them; doubled braces are one. */
function pieces(template: string): string[] {
  const found = [""];
  let end = 0;
  for (const token of template.matchAll(TOKEN)) {
    found[found.length - 1] += template.slice(end, token.index) + (token[1] ? "" : token[0].charAt(0));
    if (token[1]) found.push(token[1], "");
    end = token.index + token[0].length;
  }
  found[found.length - 1] += template.slice(end);
  return found;
}
