import { useEffect, useRef, useState } from "react";
import { RefusedError, send } from "../api/client";
import { useLive } from "../api/live";
import type { Job, Problem } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { address, go } from "../ui/route";

interface Training {
  job: Job | null;
  sending: boolean;
  /** why the document was refused; until the text changes */
  problems: Problem[] | null;
  train: () => void;
  forget: () => void;
}

/** Saves and trains a document, and shows the run as soon as it is there, unless one has gone on writing. */
export function useTraining(path: string, text: string, save: () => Promise<boolean>): Training {
  const [id, setId] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [problems, setProblems] = useState<Problem[] | null>(null);
  const job = useLive((live) => live.queue?.jobs.find((one) => one.id === id) ?? null);
  const trained = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is another document
  useEffect(() => setProblems(null), [text]);
  useEffect(() => {
    if (!job?.run || job.error) return; // one of a moment may have ended by now
    setId(null);
    if (trained.current === text) go(address("/run", { run: job.run }));
  }, [job, text]);
  const start = async () => {
    if (!(await save())) return;
    try {
      const body = { document: path, resume: null, settings: [], epochs: null };
      trained.current = text;
      setId((await send<Job>("POST", "jobs", body)).id);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      setProblems(error.refusal.problems.length > 0 ? error.refusal.problems : null);
      notify(error.message, "error");
    }
  };
  const train = () => {
    if (sending) return;
    setSending(true);
    start()
      .catch(tellError)
      .finally(() => setSending(false));
  };
  return { job, sending, problems, train, forget: () => setId(null) };
}
