import { useState } from "react";
import type { SplitView } from "../api/messages";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { classBars } from "./bars";
import { SPLITS } from "./splits";

const W = {
  title: ["Classes", "类别"],
  all: ["All {count} classes", "全部 {count} 个类别"],
  less: ["Fewer", "收起"],
  pixels: ["share of pixels", "像素占比"],
} satisfies Record<string, Words>;

const SHOWN = 20;

/** How many samples each class has, or what share of the pixels of masks; both splits beside each other. */
export function ClassCounts({
  splits,
  classes,
  pixels = false,
}: {
  splits: readonly SplitView[];
  classes: readonly string[];
  pixels?: boolean;
}) {
  const say = useSay();
  const [whole, setWhole] = useState(false);
  const bars = classBars(splits, classes);
  if (!bars.length) return null;
  const names = bars[0]?.counts.map(({ split }) => split) ?? [];
  return (
    <section>
      <h2 className="data-title">
        {say(W.title)}{" "}
        <span className="faint">
          {number(bars.length)}
          {pixels && ` · ${say(W.pixels)}`}
        </span>
      </h2>
      <table className="data-classes">
        <thead>
          <tr>
            <th scope="col" />
            {names.map((name) => (
              <th key={name} scope="col">
                {say(SPLITS[name] ?? W.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.slice(0, whole ? bars.length : SHOWN).map(({ label, counts }) => (
            <tr key={label}>
              <th scope="row" title={label}>
                {label}
              </th>
              {counts.map(({ split, count, share, part }) => (
                <td key={split}>
                  <span className={`data-bar ${split}`}>
                    <i style={{ width: `${100 * share}%` }} />
                  </span>
                  <span className="data-count">{pixels ? `${number(100 * part, 3)} %` : number(count)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {bars.length > SHOWN && (
        <button type="button" className="form-more" onClick={() => setWhole(!whole)}>
          {say(whole ? W.less : W.all, { count: bars.length })}
        </button>
      )}
    </section>
  );
}
