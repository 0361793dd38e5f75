import { RefusedError, send } from "../api/client";
import { useLive } from "../api/live";
import type { DocumentNew, DocumentText, Job, JobRequest, Queue } from "../api/messages";
import { freeName } from "./templates";

const TRIES = 20;

/** Makes a document from a template under a name that is free; its path. */
export async function makeDocument(template: string): Promise<string> {
  const taken = new Set((useLive.getState().documents ?? []).map((document) => document.path));
  for (let count = 0; ; count++) {
    const path = freeName(template, taken);
    try {
      const wanted: DocumentNew = { path, template, run: null };
      return (await send<DocumentText>("POST", "documents", wanted)).path;
    } catch (error) {
      // the list of documents may be older than the folder
      if (!(error instanceof RefusedError && error.status === 409) || count >= TRIES) throw error;
      taken.add(path);
    }
  }
}

export function train(document: string, settings: string[]): Promise<Job> {
  const wanted: JobRequest = { document, resume: null, settings, epochs: null };
  return send<Job>("POST", "jobs", wanted);
}

/** How far a job is that this page started. */
export type Began =
  | { state: "starting" | "queued" }
  | { state: "run"; run: string }
  | { state: "failed"; error: string };

/** What the queue says of a job; one that is no longer in it was stopped. */
export function began(queue: Queue | null, id: string): Began {
  const job = queue?.jobs.find((one) => one.id === id);
  if (!job) return { state: "starting" };
  if (job.run) return { state: "run", run: job.run };
  if (job.state === "ended") return { state: "failed", error: job.error };
  return { state: job.state === "queued" ? "queued" : "starting" };
}
