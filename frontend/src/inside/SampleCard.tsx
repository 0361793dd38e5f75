import { type ReactNode, useEffect, useState } from "react";
import { get } from "../api/client";
import type { Sample } from "../api/messages";
import type { Spot } from "./paper";

const QUIET = 120;
const MOST = 600;
const known = new Map<string, string>();

interface Props {
  run: string;
  split: string;
  index: number;
  /** of the sample's point on a drawing of that size */
  at: Spot;
  size: Spot;
  children: ReactNode;
}

/** The sample under the pointer, beside its point: its picture, where it has one, and what is said of it. */
export function SampleCard({ run, split, index, at: [x, y], size: [width, height], children }: Props) {
  const picture = usePicture(run, split, index);
  const left = leftOf(x, width);
  return (
    <div
      className="sample-card panel"
      role="status"
      style={{ left, top: Math.max(0, Math.min(height - 130, y - 40)) }}
    >
      {picture ? <img src={picture} alt="" /> : picture !== "" && <span className="sample-card-wait" />}
      <span>{children}</span>
    </div>
  );
}

const [CARD, GAP] = [136, 16];

/** Away from the middle, where most points are, as far as there is room. */
function leftOf(x: number, width: number): number {
  const [before, behind] = [x - GAP - CARD, x + GAP];
  const outwards = x > width / 2 ? behind + CARD <= width : before < 0;
  return outwards ? behind : before;
}

/** The picture of a sample, asked for when somebody has looked for a moment; empty where there is none. */
function usePicture(run: string, split: string, index: number): string | undefined {
  const key = `${run}\n${split}\n${index}`;
  const [, came] = useState(0);
  useEffect(() => {
    if (known.has(key)) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get<Sample[]>("samples", { run, split, n: 1, from: index }, abort.signal).then(
        ([sample]) => {
          keep(key, sample?.picture ?? "");
          came((count) => count + 1);
        },
        () => undefined, // it stays without a picture
      );
    }, QUIET);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, run, split, index]);
  return known.get(key);
}

function keep(key: string, picture: string): void {
  known.set(key, picture);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
}
