import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { get, RefusedError } from "../api/client";
import type { Sample } from "../api/messages";
import { useParam } from "../ui/route";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { Waiting } from "./Waiting";

const W = {
  title: ["From the validation set", "验证集样本"],
  before: ["Previous", "上一组"],
  next: ["Next", "下一组"],
  shuffle: ["Shuffle", "换一批"],
  end: ["That was the end of the validation set.", "验证集已到末尾。"],
  number: ["sample {index}", "样本 {index}"],
  tryIt: ["Try sample {index}: {label}", "试用样本 {index}：{label}"],
} satisfies Record<string, Words>;

const COUNT = 24;
/** how far a shuffle goes; a place beyond the end is answered with nothing, then it is tried nearer */
const FAR = 10_000;

type Found = { from: number; list: Sample[] } | { refused: string } | null;

function useSamples(run: string, from: number): Found {
  const [found, setFound] = useState<Found>(null);
  useEffect(() => {
    const abort = new AbortController();
    get<Sample[]>("samples", { run, n: COUNT, from }, abort.signal).then(
      (list) => setFound({ from, list }),
      (error) =>
        abort.signal.aborted ||
        setFound({ refused: error instanceof RefusedError ? error.message : String(error) }),
    );
    return () => abort.abort();
  }, [run, from]);
  return found;
}

interface Props {
  run: string;
  onChoose: (sample: Sample) => void;
  /** told whether they are pictures, as soon as that is known */
  onKind: (pictures: boolean) => void;
}

/** Samples of the validation set to try the model with. */
export function Samples({ run, onChoose, onKind }: Props) {
  const say = useSay();
  const [text, setFrom] = useParam("from", "0");
  const from = Math.max(0, Number.parseInt(text, 10) || 0);
  const found = useSamples(run, from);
  const [limit, setLimit] = useState(FAR);
  // the answer for this very place: until it is there the samples before it stay
  const here = found !== null && "list" in found && found.from === from;
  useEffect(() => {
    if (here && found.list.length) onKind(found.list.some(({ picture }) => picture !== ""));
  }, [here, found, onKind]);
  const beyond = here && found.list.length === 0 && from > 0;
  useEffect(() => {
    if (!beyond) return;
    setLimit(from);
    setFrom(String(Math.floor(from / 2 / COUNT) * COUNT));
  }, [beyond, from, setFrom]);
  if (found === null) return <Waiting />;
  if ("refused" in found)
    return (
      <p className="run-pad panel">
        <Said text={found.refused} />
      </p>
    );
  const go = (place: number) => setFrom(String(Math.max(0, place)));
  return (
    <section className="panel run-section">
      <div className="run-bar">
        <h2>{say(W.title)}</h2>
        <Button ml="auto" onClick={() => go(Math.floor((Math.random() * limit) / COUNT) * COUNT)}>
          {say(W.shuffle)}
        </Button>
        <Button disabled={from === 0} onClick={() => go(from - COUNT)}>
          {say(W.before)}
        </Button>
        <Button disabled={found.list.length < COUNT} onClick={() => go(from + COUNT)}>
          {say(W.next)}
        </Button>
      </div>
      <ul className="run-samples">
        {found.list.map((sample) => (
          <li key={sample.index}>
            <button
              type="button"
              onClick={() => onChoose(sample)}
              aria-label={say(W.tryIt, { index: sample.index, label: sample.label ?? "" })}
            >
              {sample.picture ? (
                <img src={sample.picture} alt="" />
              ) : (
                <span className="run-row">{say(W.number, { index: sample.index })}</span>
              )}
              <span>{sample.label ?? `#${sample.index}`}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.list.length < COUNT && <p className="faint run-pad">{say(W.end)}</p>}
    </section>
  );
}
