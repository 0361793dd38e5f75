import { useEffect, useState } from "react";
import { get } from "../api/client";
import type { ExplainRequest, Explanation, Progress } from "../api/messages";
import { useAnswer } from "../forms/useAnswer";
import type { Source } from "../run/tries";
import { kept } from "../ui/kept";
import { setParams } from "../ui/route";
import { methodOf } from "./ExplainMethods";
import { readWish, type Wish, written } from "./ExplainWish";

export const chosenMethod = kept("explain.method", "grad-cam");
export const opacity = kept("explain.opacity", 1);

/** Where the network looked, asked anew whenever something else is wished; `stop` gives a slow question up. */
export function useExplanation(run: string, source: Source) {
  const [wish, setWish] = useState<Wish>(() => ({
    method: methodOf(chosenMethod.get()).name,
    ...readWish(new URLSearchParams(location.search)),
  }));
  const [stopped, setStopped] = useState(false);
  const ready = source.upload !== undefined || source.sample !== undefined;
  const question: ExplainRequest | null =
    ready && !stopped
      ? {
          run,
          sample: source.sample ?? null,
          split: source.split ?? "",
          upload: source.upload ?? "",
          ...wish,
          layer: methodOf(wish.method).layered ? wish.layer : "",
        }
      : null;
  const { value, refused, busy } = useAnswer<Explanation>("inside/explain", question);
  const change = (values: Partial<Wish>) => {
    const next = { ...wish, ...values };
    if (values.method) chosenMethod.set(values.method);
    setStopped(false);
    setWish(next);
    setParams(written(next));
  };
  return {
    wish,
    change,
    found: value,
    refused,
    busy: busy || !ready,
    stopped,
    stop: () => setStopped(true),
  };
}

const LOOK = 700;

/** How much of the explanation is computed, 0 to 1, while it is; null: nobody knows. */
export function useShare(run: string, on: boolean): number | null {
  const [share, setShare] = useState<number | null>(null);
  useEffect(() => {
    setShare(null);
    if (!on) return;
    const abort = new AbortController();
    const look = () =>
      get<Progress>("inside/explain", { run }, abort.signal).then(
        (found) => setShare(found.share),
        () => undefined, // the explanation itself says what is wrong
      );
    const timer = setInterval(look, LOOK);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [run, on]);
  return share;
}

/** Whole seconds for which something has gone on. */
export function useSeconds(on: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!on) return;
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [on]);
  return seconds;
}
