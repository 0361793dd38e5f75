import type { ReactNode } from "react";
import type { Problem } from "../api/messages";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import type { Checking } from "./useChecked";

const W = {
  problems: ["Problems", "问题"],
  count: ["Problems: {count}", "问题：{count}"],
  none: ["No problems: it can be trained.", "没有问题，可以训练。"],
  busy: ["Checking…", "正在检查…"],
  line: ["line {line}", "第 {line} 行"],
} satisfies Record<string, Words>;

interface Props {
  list: readonly Problem[];
  checking: Checking;
  onJump: (problem: Problem) => void;
  /** what else is said of the text, beside the count */
  children?: ReactNode;
}

/** What is wrong with the text; a click goes to its line. */
export function Problems({ list, checking, onJump, children }: Props) {
  const say = useSay();
  const said = useSaid();
  const words = list.length ? W.count : checking.checked ? W.none : W.busy;
  return (
    <section className="edit-problems" aria-label={say(W.problems)} aria-live="polite">
      <div className="edit-counts">
        <div className={list.length ? "edit-count bad" : "edit-count"}>
          {said(checking.refused) || say(words, { count: list.length })}
        </div>
        {children}
      </div>
      <ul>
        {list.map((problem, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two problems may read the same
          <li key={place}>
            <button type="button" onClick={() => onJump(problem)}>
              <span className="faint">
                {problem.line ? say(W.line, { line: problem.line }) : problem.place}
              </span>
              <span>
                {said(problem.message)}
                {problem.fix && <span className="edit-fix">→ {said(problem.fix)}</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
