import { foldService, indentService, StreamLanguage, type StringStream } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";

/** What the colours need to know of the lines before: the indentation of a literal text's key, while it lasts. */
interface State {
  literal: number;
  entered: boolean;
}

const KEY = /^(?:"[^"]*"|'[^']*'|[^\s#{}[\],:"'&*!|>%@`-][^:#{}[\],]*?)(?=\s*:(?:\s|$))/;
const WORD = /^(?:true|false|null|~|[-+]?\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?)(?=\s*(?:[,\]}]|\s#|$))/i;

function token(stream: StringStream, state: State): string | null {
  if (stream.sol()) {
    const indent = stream.indentation();
    if (state.entered && indent <= state.literal && !/^\s*$/.test(stream.string)) state.entered = false;
    if (!state.entered) state.literal = indent;
  }
  if (stream.eatSpace()) return null;
  if (state.entered) {
    stream.skipToEnd();
    return "string";
  }
  if (stream.match(/^#.*/)) return "comment";
  if (stream.match(/^[|>][-+0-9]*\s*$/)) {
    state.entered = true;
    return "punctuation";
  }
  if (stream.match(KEY)) return "propertyName";
  if (stream.match(WORD)) return "number";
  if (stream.match(/^"(?:[^"\\]|\\.)*"?|^'[^']*'?/)) return "string";
  if (stream.match(/^(?:[{}[\],]|:(?=\s|$)|-(?=\s|$))/)) return "punctuation";
  if (!stream.match(/^[^\s{}[\],:]+/)) stream.next();
  return null;
}

const language = StreamLanguage.define<State>({
  name: "yaml",
  startState: () => ({ literal: 0, entered: false }),
  token,
  languageData: { commentTokens: { line: "#" } },
});

const indentOf = (text: string) => text.search(/\S|$/);

/** Behind a line that ends with `key:` or a dash the next one is deeper, else as deep. */
const indentation = indentService.of((context, position) => {
  const line = context.state.doc.lineAt(position);
  const before =
    line.from === position
      ? line.number > 1
        ? context.state.doc.line(line.number - 1).text
        : ""
      : line.text.slice(0, position - line.from);
  const [dashes] = /^\s*(?:-\s+)*/.exec(before) as RegExpExecArray;
  if (/:\s*(?:#.*)?$/.test(before)) return dashes.length + context.unit;
  // behind `- key: value` more keys of the same item follow; behind `- Part: {...}` the next item
  return /^[^\s{[][^:]*:\s+[^\s{[#]/.test(before.slice(dashes.length)) ? dashes.length : indentOf(before);
});

/** What is deeper than a line folds behind it. */
const folding = foldService.of((state: EditorState, start: number) => {
  const first = state.doc.lineAt(start);
  if (!first.text.trim()) return null;
  let end = first.to;
  for (let number = first.number + 1; number <= state.doc.lines; number++) {
    const { text, to } = state.doc.line(number);
    if (!text.trim()) continue;
    if (indentOf(text) <= indentOf(first.text)) break;
    end = to;
  }
  return end > first.to ? { from: first.to, to: end } : null;
});

/** YAML for the editor: colours, indentation, folding. A tenth of the size of a whole grammar; what is right, the server checks. */
export const yaml = [language, indentation, folding];
