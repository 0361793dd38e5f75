import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";
import type { Problem } from "../api/messages";

/** The problems as marks in the text: each on what its line says; those without a line on the first. */
export function diagnostics(
  doc: Text,
  problems: readonly Problem[],
  said: (text: string) => string = String,
): Diagnostic[] {
  return problems.map((problem) => {
    const line = doc.line(Math.min(Math.max(1, problem.line ?? 1), doc.lines));
    const [first, last] = [line.text.search(/\S/), line.text.trimEnd().length];
    const from = line.from + Math.max(0, first);
    return {
      from,
      to: Math.max(from, line.from + last),
      severity: "error",
      message: problem.fix ? `${said(problem.message)}\n→ ${said(problem.fix)}` : said(problem.message),
    };
  });
}
