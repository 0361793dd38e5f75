import type { Run } from "../../api/messages";
import { said } from "../fields";
import { lookup } from "./match";

/** What can be put in for the characters `at` to `end` of a filter. */
export interface Completion {
  at: number;
  end: number;
  options: string[];
}

const MOST = 12;
const LONGEST = 60;

/** What can stand where the caret is: a name, or after a comparison the values that runs have. */
export function complete(
  text: string,
  caret: number,
  names: readonly string[],
  runs: readonly Run[],
): Completion {
  const before = text.slice(0, caret);
  const word = /("[^"]*|'[^']*|[^\s()"'=!<>~&|]*)$/.exec(before)?.[0] ?? "";
  const at = caret - word.length;
  const typed = word.replace(/^["']/, "").toLowerCase();
  const compared = /(?:"([^"]+)"|'([^']+)'|([^\s()"'=!<>~&|]+))\s*(!=|!~|<=|>=|==|=|<|>|~)\s*$/.exec(
    before.slice(0, at),
  );
  const name = compared?.[1] ?? compared?.[2] ?? compared?.[3];
  const known = name ? valuesOf(name, runs) : names;
  return { at, end: caret, options: ranked(known, typed).map(quoted) };
}

function valuesOf(name: string, runs: readonly Run[]): string[] {
  const found = new Set<string>();
  for (const run of runs) for (const value of lookup(run, name)) found.add(said(value));
  return [...found].filter((value) => value && value.length <= LONGEST);
}

/** Those that begin with what is typed, then those with a part that does, then those that hold it. */
function ranked(known: readonly string[], typed: string): string[] {
  const score = (text: string) => {
    const place = text.toLowerCase().indexOf(typed);
    if (place <= 0) return place < 0 ? 9 : 0;
    return /[./_ -]/.test(text[place - 1] as string) ? 1 : 2;
  };
  const scored = known.map((text) => ({ text, rank: score(text) })).filter(({ rank }) => rank < 9);
  return scored
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ text }) => text)
    .filter((text) => text.toLowerCase() !== typed);
}

const RESERVED = new Set(["and", "or", "not"]);

function quoted(text: string): string {
  if (!/[\s()"'=!<>~&|]/.test(text) && !RESERVED.has(text.toLowerCase())) return text;
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
