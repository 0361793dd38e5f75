import type { Explanation } from "../api/messages";
import type { Try } from "../run/tries";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import type { Wish } from "./ExplainWish";

const W = {
  scores: ["Classes with their scores; choose one to see why", "类别与得分，选择一个查看依据"],
  value: ["Output", "输出"],
  why: ["Why {name}?", "为什么是 {name}？"],
  other: ["another class…", "其他类别…"],
  rest: ["Other classes", "其他类别"],
} satisfies Record<string, Words>;

const SHOWN = 8;

interface ScoresProps {
  one: Try;
  found: Explanation | null;
  wish: Wish;
  onTarget: (index: number) => void;
}

interface Row {
  name: string;
  score: number;
  index: number | null;
}

/** The classes; each can be asked why. Before the explanation comes they are those of the prediction. */
export function Scores({ one, found, wish, onTarget }: ScoresProps) {
  const say = useSay();
  const rows = rowsOf(one, found);
  const target = wish.target ?? found?.target ?? null;
  if (!rows.length && one.answer?.value.length)
    return (
      <p className="mono">
        {say(W.value)}: {one.answer.value.map((each) => number(each)).join(", ")}
        {one.truth !== null && ` (${one.truth})`}
      </p>
    );
  const truth = one.truth ?? found?.label;
  const shown = rows.filter(({ name, index }, place) => place < SHOWN || index === target || name === truth);
  const rest = rows.filter((row) => !shown.includes(row));
  return (
    <>
      <table className="run-scores explain-scores" aria-label={say(W.scores)}>
        <tbody>
          {shown.map(({ name, score, index }) => (
            <tr key={name} className={name === truth ? "truth" : undefined}>
              <th scope="row" className="label">
                <button
                  type="button"
                  disabled={index === null}
                  aria-pressed={index !== null && index === target}
                  data-tip={say(W.why, { name })}
                  onClick={() => index !== null && onTarget(index)}
                >
                  {name}
                </button>
              </th>
              <td>{`${(score * 100).toFixed(1)} %`}</td>
              <td className="bar">
                <div style={{ width: `${Math.min(100, Math.max(0, score * 100))}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest.length > 0 && found && (
        <select
          className="explain-select explain-more"
          aria-label={say(W.rest)}
          value=""
          onChange={(event) => onTarget(Number(event.currentTarget.value))}
        >
          <option value="">{say(W.other)}</option>
          {rest.map(({ name, index }) => (
            <option key={name} value={index ?? ""}>
              {name}
            </option>
          ))}
        </select>
      )}
    </>
  );
}

function rowsOf(one: Try, found: Explanation | null): Row[] {
  if (found && one.answer?.scores.length !== 0)
    return found.scores.map(({ name, score, index }) => ({ name, score: Number(score), index }));
  return (one.answer?.scores ?? []).map(({ label, score }) => ({ name: label, score, index: null }));
}
