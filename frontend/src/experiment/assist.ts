import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippetCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { type EditorView, hoverTooltip } from "@codemirror/view";
import { said } from "../ui/said";
import { loadPartWords, saidOfPart } from "../ui/wordsOfParts";
import { ownNames } from "./names";
import { placeAt } from "./place";
import { type Help, help, type Option, options, type Schema } from "./schema";

type Known = () => Schema | null;

/** Names and arguments of what the document's schema knows at the cursor. */
export function completion(schema: Known) {
  const source = (context: CompletionContext): CompletionResult | null => {
    const root = schema();
    const place = root && placeAt(context.state.doc.toString(), context.pos);
    if (!root || !place) return null;
    if (!place.word && !context.explicit && !opening(context)) return null;
    const text = context.state.doc.toString();
    const own = ownNames(text, place);
    const taken = new Set(own.map((one) => one.label));
    const found = [...own, ...options(root, place).filter((one) => !taken.has(one.label))];
    if (found.length === 0) return null;
    return {
      from: place.from,
      options: found.map((option) => offered(option, place.path)),
      validFor: /^[\p{L}\p{N}_.-]*$/u,
    };
  };
  return autocompletion({ override: [source], icons: false, maxRenderedOptions: 60 });
}

/** Where something must follow, the list comes by itself: behind a bracket, a comma, a dash, a key. */
function opening(context: CompletionContext): boolean {
  return /(?:[{[,]\s*|:\s+|-\s+)$/.test(
    context.state.doc
      .lineAt(context.pos)
      .text.slice(0, context.pos - context.state.doc.lineAt(context.pos).from),
  );
}

function offered(option: Option, path: readonly string[]): Completion {
  const completion: Completion = {
    label: option.label,
    detail: option.kind === "part" ? "" : said(option.detail),
    boost: option.kind === "value" ? 2 : option.kind === "key" ? 1 : 0,
  };
  if (option.info) completion.info = () => card(option, path);
  if (!option.apply.includes("|")) return { ...completion, apply: option.apply };
  const snippet = snippetCompletion(
    option.apply.replaceAll("{", "\\{").replaceAll("}", "\\}").replace("|", "#{}"),
    completion,
  );
  const insert = snippet.apply as (
    view: EditorView,
    completion: Completion,
    from: number,
    to: number,
  ) => void;
  return {
    ...snippet,
    apply: (view: EditorView, chosen: Completion, from: number, to: number) => {
      insert(view, chosen, from, to);
      startCompletion(view);
    },
  };
}

/** What a name means, when the pointer rests on it. */
export function hovering(schema: Known) {
  loadPartWords();
  return hoverTooltip((view, position) => {
    const root = schema();
    const line = view.state.doc.lineAt(position);
    const found = wordAt(line.text, position - line.from);
    if (!root || !found) return null;
    const place = placeAt(view.state.doc.toString(), line.from + found.to);
    const known = place && help(root, place.path, found.word);
    if (!known) return null;
    return {
      pos: line.from + found.from,
      end: line.from + found.to,
      above: true,
      create: () => ({ dom: card(known, place.path) }),
    };
  });
}

function wordAt(line: string, column: number): { word: string; from: number; to: number } | null {
  for (const match of line.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)) {
    const [from, to] = [match.index, match.index + match[0].length];
    if (from <= column && column <= to) return { word: match[0], from, to };
  }
  return null;
}

function card(known: Help, path: readonly string[]): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "edit-card";
  const head = document.createElement("div");
  const name = document.createElement("b");
  name.textContent = known.label;
  head.append(name, known.detail ? `  ${said(known.detail)}` : "");
  const text = document.createElement("p");
  text.textContent = told(known, path);
  dom.append(head, text);
  return dom;
}

/** Words of ours are translated as sentences, torch's by what they are of. */
function told({ label, kind, info }: Help, path: readonly string[]): string {
  const own = said(info);
  return own === info ? (saidOfPart(label, kind === "part" ? "" : path.at(-1)) ?? info) : own;
}
