import { Button } from "@mantine/core";
import { useState } from "react";
import type { Augmented, ViewRequest } from "../api/messages";
import { Late } from "../forms/Late";
import { useAnswer } from "../forms/useAnswer";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { Overlaid } from "./Overlaid";

const W = {
  title: ["As the network gets it", "网络实际看到的图片"],
  about: [
    "training sample {index}, one draw for each epoch, turned back from its normalised numbers",
    "训练样本 {index}，每轮一次随机结果，由归一化后的数值还原",
  ],
  original: ["as it is", "原图"],
  draw: ["draw {count}", "第 {count} 次"],
  seed: ["seed {seed}", "种子 {seed}"],
  other: ["Other draws", "换一组"],
} satisfies Record<string, Words>;

const DRAWS = 11;

/** One picture in several epochs. */
export function Augmenting({
  view,
  index,
  overlaid,
}: {
  view: ViewRequest;
  index: number;
  overlaid: boolean;
}) {
  const say = useSay();
  const said = useSaid();
  const [seed, setSeed] = useState(0);
  const { value, refused, busy } = useAnswer<Augmented>("data/augment", {
    ...view,
    index,
    draws: DRAWS,
    seed,
  });
  if (value && !value.original) return null;
  return (
    <section>
      <div className="data-head">
        <h2 className="data-title">{say(W.title)}</h2>
        <span className="faint data-about">{say(W.about, { index })}</span>
        {busy && <Late />}
        <span className="faint">{say(W.seed, { seed })}</span>
        <Button onClick={() => setSeed(seed + 1)}>{say(W.other)}</Button>
      </div>
      {refused && <p className="form-fault">{said(refused)}</p>}
      <ul className="data-grid large" aria-busy={busy} style={value ? undefined : { minHeight: 220 }}>
        {value && (
          <li className="original">
            <Overlaid
              picture={value.original}
              alt={say(W.original)}
              over={value.original_over}
              shown={overlaid}
            />
            <span className="data-label">{say(W.original)}</span>
          </li>
        )}
        {value?.pictures.map((picture, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a draw is its place
          <li key={at}>
            <Overlaid
              picture={picture}
              alt={say(W.draw, { count: at + 1 })}
              over={value.over[at]}
              shown={overlaid}
            />
          </li>
        ))}
      </ul>
      {value?.notes.map((note) => (
        <p key={note} className="faint">
          {said(note)}
        </p>
      ))}
    </section>
  );
}
