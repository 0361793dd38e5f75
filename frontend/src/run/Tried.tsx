import { useState } from "react";
import { number } from "../ui/format";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { ending, isRight, type Try } from "./tries";
import { Waiting } from "./Waiting";

const W = {
  right: ["right", "正确"],
  wrong: ["wrong: it is {truth}", "错误：实际为 {truth}"],
  value: ["Output", "输出"],
  scores: ["Classes with their scores", "类别与得分"],
  rest: ["{count} further classes, together {score}", "其余 {count} 个类别，合计 {score}"],
} satisfies Record<string, Words>;

const LARGE = 10;

/** A picture that was tried with what the model says: all of it, or in a line. */
export function Tried({ one, large = false }: { one: Try; large?: boolean }) {
  return (
    <div className={large ? "run-tried panel" : "run-tried small"}>
      <Picture key={one.id} one={one} />
      <div className="run-tried-text">
        <div className="run-tried-name">
          <span className="faint run-tried-file" title={one.name}>
            {one.name}
          </span>
          <Verdict one={one} />
        </div>
        {one.refused && (
          <p role="alert">
            <Said text={one.refused} />
          </p>
        )}
        {!one.answer && !one.refused && <Waiting />}
        {one.answer && <Answer one={one} most={large ? LARGE : 1} />}
      </div>
    </div>
  );
}

/** The picture itself, or what kind of file it is where the browser cannot show it; its name stands beside it. */
function Picture({ one }: { one: Try }) {
  const [broken, setBroken] = useState(false);
  if (!one.picture || broken)
    return (
      <span className="run-row faint" aria-hidden>
        {ending(one.name)}
      </span>
    );
  return <img src={one.picture} alt="" onError={() => setBroken(true)} />;
}

function Verdict({ one }: { one: Try }) {
  const say = useSay();
  const right = isRight(one);
  if (right === null) return null;
  return (
    <span className={right ? "run-right" : "run-wrong"}>
      {right ? `✓ ${say(W.right)}` : `✗ ${say(W.wrong, { truth: one.truth ?? "" })}`}
    </span>
  );
}

function Answer({ one, most }: { one: Try; most: number }) {
  const say = useSay();
  const { scores, value } = one.answer ?? { scores: [], value: [] };
  if (scores.length === 0)
    return (
      <p className="mono">
        {say(W.value)}: {value.map((each) => number(each)).join(", ")}
        {one.truth !== null && ` (${one.truth})`}
      </p>
    );
  const rest = scores.slice(most);
  return (
    <>
      <table className="run-scores" aria-label={say(W.scores)}>
        <tbody>
          {scores.slice(0, most).map(({ label, score }) => (
            <tr key={label} className={label === one.truth ? "truth" : undefined}>
              <th scope="row" className="label">
                {label}
              </th>
              <td>{percent(score)}</td>
              <td className="bar">
                <div style={{ width: `${Math.min(100, Math.max(0, score * 100))}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest.length > 0 && most > 1 && (
        <p className="faint">
          {say(W.rest, {
            count: rest.length,
            score: percent(rest.reduce((sum, { score }) => sum + score, 0)),
          })}
        </p>
      )}
    </>
  );
}

function percent(score: number): string {
  return `${(score * 100).toFixed(1)} %`;
}
