import type { Words } from "../../ui/words";

/** What is wrong with a filter, in words, and where: characters `at` to `end`. */
export class QueryError extends Error {
  constructor(
    readonly words: Words,
    readonly at: number,
    readonly end: number,
    readonly values: Record<string, string> = {},
  ) {
    super(words[0]);
  }
}

export interface Token {
  kind: "word" | "string" | "operator" | "open" | "close" | "end";
  text: string;
  at: number;
  end: number;
}

const SPACE = /\s+/y;
const OPERATOR = /!=|!~|<=|>=|==|=|<|>|~|&&|\|\||!/y;
const WORD = /[^\s()"'=!<>~&|]+/y;

const W = {
  quote: ["This quotation mark is not closed.", "这个引号没有闭合。"],
  strange: ["{text} cannot stand here.", "这里不能出现 {text}。"],
} satisfies Record<string, Words>;

/** The tokens of a filter, an `end` last. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = next(text, at);
    if (token.kind !== "end") found.push(token);
    at = token.end;
  }
  return [...found, { kind: "end", text: "", at: text.length, end: text.length }];
}

function next(text: string, at: number): Token {
  const token = (kind: Token["kind"], end: number, inner = text.slice(at, end)) => ({
    kind,
    text: inner,
    at,
    end,
  });
  const first = text[at] as string;
  if (first === "(" || first === ")") return token(first === "(" ? "open" : "close", at + 1);
  if (first === '"' || first === "'") {
    const end = text.indexOf(first, at + 1);
    if (end < 0) throw new QueryError(W.quote, at, text.length);
    return token("string", end + 1, text.slice(at + 1, end));
  }
  const kinds = [
    ["end", SPACE],
    ["operator", OPERATOR],
    ["word", WORD],
  ] as const;
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = at;
    if (pattern.test(text)) return token(kind, pattern.lastIndex);
  }
  throw new QueryError(W.strange, at, at + 1, { text: first });
}
