import { useEffect, useState } from "react";
import { RefusedError, send } from "../api/client";
import type { ExplainRequest, Explanation, Uploaded } from "../api/messages";
import { useAnswer } from "../forms/useAnswer";
import type { Source } from "../run/tries";
import { kept } from "../ui/kept";
import { methodOf } from "./ExplainMethods";

/** What a person has chosen, beside the picture. */
export type Wish = Pick<ExplainRequest, "method" | "layer" | "target" | "region">;

export const chosenMethod = kept("explain.method", "grad-cam");
export const opacity = kept("explain.opacity", 1);

/** The picture of somebody's is sent once, and asked for by the name that it gets. */
function useUpload({ file }: Source, name: string) {
  const [sent, setSent] = useState<{ upload: string; refused: string }>({ upload: "", refused: "" });
  useEffect(() => {
    if (!file) return;
    const abort = new AbortController();
    send<Uploaded>("POST", "inside/picture", file, { name }, abort.signal).then(
      ({ upload }) => setSent({ upload, refused: "" }),
      (error) =>
        abort.signal.aborted ||
        setSent({ upload: "", refused: error instanceof RefusedError ? error.message : String(error) }),
    );
    return () => abort.abort();
  }, [file, name]);
  return sent;
}

/** Where the network looked, asked anew whenever something else is wished; `stop` gives a slow question up. */
export function useExplanation(run: string, source: Source, name: string) {
  const [wish, setWish] = useState<Wish>(() => ({
    method: methodOf(chosenMethod.get()).name,
    layer: "",
    target: null,
    region: null,
  }));
  const [stopped, setStopped] = useState(false);
  const sent = useUpload(source, name);
  const ready = source.file ? sent.upload !== "" : source.sample !== undefined;
  const question: ExplainRequest | null =
    ready && !stopped
      ? {
          run,
          sample: source.sample ?? null,
          split: source.split ?? "",
          upload: sent.upload,
          ...wish,
          layer: methodOf(wish.method).layered ? wish.layer : "",
        }
      : null;
  const { value, refused, busy } = useAnswer<Explanation>("inside/explain", question);
  const change = (values: Partial<Wish>) => {
    if (values.method) chosenMethod.set(values.method);
    setStopped(false);
    setWish((before) => ({ ...before, ...values }));
  };
  return {
    wish,
    change,
    found: value,
    refused: refused || sent.refused,
    busy: busy || (!ready && !sent.refused),
    stopped,
    stop: () => setStopped(true),
  };
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
