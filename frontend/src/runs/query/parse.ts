import type { Words } from "../../ui/words";
import { QueryError, type Token, tokens } from "./tokens";

export const COMPARISONS = ["=", "!=", "<", "<=", ">", ">=", "~", "!~"] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type Query =
  | { kind: "all" }
  | { kind: "and" | "or"; parts: Query[] }
  | { kind: "not"; of: Query }
  | { kind: "compare"; name: string; comparison: Comparison; value: string; at: number; end: number }
  | { kind: "search"; text: string };

const W = {
  value: ["Expected a value after {text}.", "{text} 后面需要一个值。"],
  condition: ["Expected a condition after {text}.", "{text} 后面需要一个条件。"],
  start: [
    "Expected a condition here, such as status = running, or a word.",
    "这里需要一个条件（例如 status = running）或一个词。",
  ],
  unclosed: ["This parenthesis is not closed.", "这个括号没有闭合。"],
  unopened: ["There is no opening parenthesis for this one.", "这个括号没有对应的左括号。"],
  name: ["Expected a name before {text}.", "{text} 前面需要一个名称。"],
} satisfies Record<string, Words>;

const JOINING = { and: ["and", "&&"], or: ["or", "||"], not: ["not", "!"] } as const;

/** Reads a filter: `and` binds tighter than `or`, conditions side by side are joined by `and`. Throws QueryError. */
export function parse(text: string): Query {
  const parser = new Parser(tokens(text));
  return parser.whole();
}

class Parser {
  private place = 0;

  constructor(private readonly list: readonly Token[]) {}

  whole(): Query {
    if (this.now.kind === "end") return { kind: "all" };
    const query = this.either();
    if (this.now.kind === "close") throw new QueryError(W.unopened, this.now.at, this.now.end);
    return query;
  }

  private get now(): Token {
    return this.list[this.place] as Token;
  }

  private take(): Token {
    const token = this.now;
    this.place += 1;
    return token;
  }

  private joins(which: keyof typeof JOINING): boolean {
    const { kind, text } = this.now;
    return (
      (kind === "word" || kind === "operator") && JOINING[which].some((word) => word === text.toLowerCase())
    );
  }

  private either(): Query {
    const parts = [this.both()];
    while (this.joins("or")) parts.push(this.following(() => this.both()));
    return parts.length > 1 ? { kind: "or", parts } : (parts[0] as Query);
  }

  private both(): Query {
    const parts = [this.negated()];
    for (;;) {
      if (this.joins("and")) parts.push(this.following(() => this.negated()));
      else if (this.now.kind === "end" || this.now.kind === "close" || this.joins("or")) break;
      else parts.push(this.negated());
    }
    return parts.length > 1 ? { kind: "and", parts } : (parts[0] as Query);
  }

  private negated(): Query {
    if (!this.joins("not")) return this.condition();
    return { kind: "not", of: this.following(() => this.negated()) };
  }

  /** What must stand behind a word that joins. */
  private following(read: () => Query): Query {
    const before = this.take();
    if (this.now.kind === "end" || this.now.kind === "close")
      throw new QueryError(W.condition, before.at, before.end, { text: before.text });
    return read();
  }

  private condition(): Query {
    const token = this.take();
    if (token.kind === "open") return this.group(token);
    if (token.kind === "close") throw new QueryError(W.start, token.at, token.end);
    if (token.kind === "operator") throw new QueryError(W.name, token.at, token.end, { text: token.text });
    const comparison = this.comparison();
    if (comparison === null) return { kind: "search", text: token.text };
    const operator = this.take();
    const value = this.take();
    if (value.kind !== "word" && value.kind !== "string")
      throw new QueryError(W.value, operator.at, operator.end, { text: operator.text });
    return { kind: "compare", name: token.text, comparison, value: value.text, at: token.at, end: token.end };
  }

  private group(open: Token): Query {
    if (this.now.kind === "end") throw new QueryError(W.unclosed, open.at, open.end);
    const query = this.either();
    if (this.now.kind !== "close") throw new QueryError(W.unclosed, open.at, open.end);
    this.take();
    return query;
  }

  private comparison(): Comparison | null {
    if (this.now.kind !== "operator") return null;
    const text = this.now.text === "==" ? "=" : this.now.text;
    return COMPARISONS.find((one) => one === text) ?? null;
  }
}
