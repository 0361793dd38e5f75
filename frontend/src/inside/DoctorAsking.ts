import { useEffect, useRef, useState } from "react";
import { get, RefusedError, send } from "../api/client";
import { useLive } from "../api/live";
import type { Diagnosis, DocumentText, Drawing, Fix, Run } from "../api/messages";
import { freeName } from "../run/names";
import { tellError } from "../ui/notices";
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
function useRunDoctor(run: Run): Diagnosis | null {
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
function useTextDoctor(path: string, text: string): Diagnosis | null {
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

/** What is said with trials beside what was said without; `ask` tries, and what changes meanwhile ends that. */
export interface Trying {
  diagnosis: Diagnosis | null;
  busy: boolean;
  /** null: what is said of cannot be tried */
  ask: (() => void) | null;
}

/** Trials on demand, of what `said` is of: they count until something else is said. */
function useTrying(
  said: Diagnosis | null,
  question: ((signal: AbortSignal) => Promise<Diagnosis>) | null,
): Trying {
  const [tried, setTried] = useState<{ of: Diagnosis; found: Diagnosis } | null>(null);
  const [going, setGoing] = useState<AbortController | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is said anew is a reason to stop
  useEffect(() => () => going?.abort(), [said, going]);
  const ask = () => {
    if (!said || !question) return;
    const abort = new AbortController();
    setGoing(abort);
    question(abort.signal)
      .then((found) => setTried({ of: said, found }))
      .catch((error) => !abort.signal.aborted && tellError(error))
      .finally(() => setGoing((now) => (now === abort ? null : now)));
  };
  return {
    diagnosis: tried && tried.of === said ? tried.found : said,
    busy: going !== null,
    ask: question && ask,
  };
}

/** The doctor of a run, from its records and, when asked, by trials. */
export function useRunTrying(run: Run): Trying {
  const said = useRunDoctor(run);
  const ask = (signal: AbortSignal) =>
    send<Diagnosis>("POST", "doctor/run", undefined, { run: run.id }, signal);
  return useTrying(said, run.document ? ask : null);
}

/** The doctor of a document, as it is written and, when asked, by trials. */
export function useTextTrying(path: string, text: string): Trying {
  const said = useTextDoctor(path, text);
  return useTrying(said, (signal) => send("POST", "doctor", { text, path, tried: true }, {}, signal));
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
