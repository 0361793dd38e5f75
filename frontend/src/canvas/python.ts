/** A piece of a line of Python, with what it is. */
export interface Piece {
  kind: "" | "word" | "text" | "number" | "comment" | "name" | "self";
  text: string;
}

const WORDS = new Set(
  "and as assert break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield".split(
    " ",
  ),
);
const TOKEN = /(#.*$)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|"""|''')|(\b\d[\w.]*)|([A-Za-z_]\w*)/g;

/** Lines of Python in pieces that are coloured. Text over several lines (docstrings) is known by its quotes. */
export function coloured(code: string): Piece[][] {
  let within = false;
  return code.split("\n").map((line) => {
    const quotes = line.split('"""').length - 1;
    const whole = within || quotes > 0;
    if (quotes % 2) within = !within;
    return whole ? [{ kind: "text", text: line }] : pieces(line);
  });
}

function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  const put = (kind: Piece["kind"], text: string) => {
    if (text) found.push({ kind, text });
  };
  for (const match of line.matchAll(TOKEN)) {
    const [text, comment, quoted, number, word] = match;
    put("", line.slice(end, match.index));
    end = match.index + text.length;
    if (comment !== undefined) put("comment", text);
    else if (quoted !== undefined) put("text", text);
    else if (number !== undefined) put("number", text);
    else put(kindOf(word ?? "", line), text);
  }
  put("", line.slice(end));
  return found;
}

function kindOf(word: string, line: string): Piece["kind"] {
  if (WORDS.has(word)) return "word";
  if (word === "self") return "self";
  return new RegExp(`\\b(class|def) ${word}\\b`).test(line) ? "name" : "";
}
