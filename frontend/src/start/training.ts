import { get, RefusedError, send } from "../api/client";
import { useLive } from "../api/live";
import type { DocumentNew, DocumentText, Job, JobRequest, Queue, Template } from "../api/messages";
import { freeName } from "./templates";

const TRIES = 20;

/** A document of a template: the one that is there and was never changed, else a new one under a free name; its path.
 * `settings` are written into a new one. */
export async function documentOf(template: Template, settings: string[] = []): Promise<string> {
  const plain = freeName(template.name, new Set());
  if (!settings.length && pathsTaken().has(plain) && (await isUnchanged(plain, template))) return plain;
  return made(template.name, template.name, settings);
}

/** A document in which everything but the network is there; its path. */
export function emptySheet(): Promise<string> {
  return made("experiment", null, []);
}

function pathsTaken(): Set<string> {
  return new Set((useLive.getState().documents ?? []).map((document) => document.path));
}

async function made(name: string, template: string | null, settings: string[]): Promise<string> {
  const taken = pathsTaken();
  for (let count = 0; ; count++) {
    const path = freeName(name, taken);
    try {
      const wanted: DocumentNew = { path, template, run: null, settings };
      return (await send<DocumentText>("POST", "documents", wanted)).path;
    } catch (error) {
      // the list of documents may be older than the folder
      if (!(error instanceof RefusedError && error.status === 409) || count >= TRIES) throw error;
      taken.add(path);
    }
  }
}

async function isUnchanged(path: string, template: Template): Promise<boolean> {
  try {
    return sameDocument((await get<DocumentText>("document", { path })).text, template.text);
  } catch (error) {
    if (error instanceof RefusedError) return false;
    throw error;
  }
}

/** Whether two texts differ in nothing but their name and comment lines, which the server puts in. */
export function sameDocument(one: string, other: string): boolean {
  const content = (text: string) => text.split("\n").filter((line) => !/^(#|name:)/.test(line));
  return content(one).join("\n") === content(other).join("\n");
}

export function train(document: string): Promise<Job> {
  const wanted: JobRequest = { document, resume: null, settings: [], epochs: null };
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
