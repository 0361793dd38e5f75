import { useEffect, useRef, useState } from "react";
import { get, RefusedError, send } from "../api/client";
import { useLive } from "../api/live";
import type { Diagnosis, DocumentText, Drawing, Fix, Run } from "../api/messages";
import { freeName } from "../run/names";
import { address, go } from "../ui/route";

/** Milliseconds between two questions about a run that trains, and after the last key in a text, and after a failure. */
const [PACE, QUIET, RETRY] = [2000, 900, 3000];

/** Whether somebody can see the page. */
function useSeen(): boolean {
  const [seen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => setSeen(!document.hidden);
    document.addEventListener("visibilitychange", changed);
    return () => document.removeEventListener("visibilitychange", changed);
  }, []);
  return seen;
}

/** What the doctor says of a run, asked again when the run has news; null until it has said something. */
export function useRunDoctor(run: Run): Diagnosis | null {
  const [found, setFound] = useState<Diagnosis | null>(null);
  const asked = useRef(0);
  const seen = useSeen();
  const connected = useLive((live) => live.connection === "open");
  const { id } = run;
  const news = `${run.status} ${run.updated} ${run.step}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: news are a reason to ask again
  useEffect(() => {
    if (!seen || !connected) return;
    const timer = setTimeout(
      () => {
        asked.current = Date.now();
        // Whatever stands in its way is told elsewhere on the page: a mark says nothing then.
        get<Diagnosis>("doctor", { run: id }).then(setFound, () => undefined);
      },
      Math.max(0, asked.current + PACE - Date.now()),
    );
    // an answer that is on its way is still wanted when the next step comes
    return () => clearTimeout(timer);
  }, [id, news, seen, connected]);
  return found;
}

/** What the doctor says of a document as it is written; the last answer stays until the next comes. */
export function useTextDoctor(path: string, text: string): Diagnosis | null {
  const [found, setFound] = useState<Diagnosis | null>(null);
  const connected = useLive((live) => live.connection === "open");
  useEffect(() => {
    if (!connected || !text.trim()) return;
    const abort = new AbortController();
    const ask = () => {
      send<Diagnosis>("POST", "doctor", { text, path }, {}, abort.signal).then(setFound, (error) => {
        if (abort.signal.aborted) return;
        // what is no document yet has problems of its own; a process that could not answer is asked again
        setFound(null);
        if (error instanceof RefusedError && error.status >= 500) timer = setTimeout(ask, RETRY);
      });
    };
    let timer = setTimeout(ask, QUIET);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path, text, connected]);
  return found;
}

/** The text that a fix makes of another. */
export async function mended(text: string, path: string, fix: Fix): Promise<string> {
  return (await send<Drawing>("POST", "draw", { text, path, edits: fix.edits })).text;
}

/** A new document from that of a run with a fix applied, opened; where the fix does not fit, nothing is made. */
export async function newDocument(run: Run, fix: Fix): Promise<void> {
  const taken = (useLive.getState().documents ?? []).map((file) => file.path);
  const path = freeName(run.name, taken);
  const { text } = await get<DocumentText>("document", { run: run.id });
  const next = await mended(text, path, fix);
  const made = await send<DocumentText>("POST", "documents", { run: run.id, template: null, path });
  await send("PUT", "document", { path: made.path, text: next, base: made.version, force: false });
  go(address("/edit", { file: made.path }));
}
