import { useEffect, useState } from "react";
import { useLive } from "../api/live";
import type { Template } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { address, go } from "../ui/route";
import { say, type Words } from "../ui/words";
import { began, documentOf, train } from "./training";

const W = {
  failed: ["The training ended before it began.", "训练还没开始就结束了。"],
} satisfies Record<string, Words>;

/** What a person started here: a click leads to the run's page as soon as there is one. */
export interface Training {
  /** the template or document that is being started */
  busy: string | null;
  waiting: boolean;
  fromTemplate: (template: Template, settings: string[]) => void;
  fromDocument: (path: string) => void;
}

export function useTraining(): Training {
  const [busy, setBusy] = useState<string | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const queue = useLive((live) => live.queue);
  const now = job === null ? null : began(queue, job);
  const run = now?.state === "run" ? now.run : null;
  const error = now?.state === "failed" ? now.error || say(W.failed) : null;
  useEffect(() => {
    if (run !== null) go(address("/run", { run }));
    if (error === null) return;
    notify(error, "error");
    setBusy(null);
    setJob(null);
  }, [run, error]);
  const start = async (name: string, document: () => Promise<string>) => {
    setBusy(name);
    try {
      setJob((await train(await document())).id);
    } catch (refused) {
      tellError(refused);
      setBusy(null);
    }
  };
  return {
    busy,
    waiting: now?.state === "queued",
    fromTemplate: (template, settings) => void start(template.name, () => documentOf(template, settings)),
    fromDocument: (path) => void start(path, async () => path),
  };
}
