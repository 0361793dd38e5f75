/** What other programs wrote with Python's `str`, as the value that it was: `[{'Conv2d': {'bias': True}}]`. */
export function literal(text: string): unknown {
  if (!/^\s*[[{(]/.test(text)) return text;
  try {
    return JSON.parse(text.replace(TOKEN, asJson).replace(/,\s*([\]}])/g, "$1"));
  } catch {
    return text; // it only looked like it
  }
}

const TOKEN = /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|\b(?:True|False|None)\b|[()]/g;
const WORDS: Record<string, string> = { True: "true", False: "false", None: "null", "(": "[", ")": "]" };

function asJson(token: string, quoted: string | undefined): string {
  if (quoted === undefined) return WORDS[token] ?? token;
  return JSON.stringify(quoted.replaceAll(/\\(['"\\])/g, "$1"));
}
