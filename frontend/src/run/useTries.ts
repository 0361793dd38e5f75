import { useCallback, useEffect } from "react";
import { create } from "zustand";
import { get, getBlob, RefusedError, send } from "../api/client";
import type { Prediction, Sample, Uploaded } from "../api/messages";
import { setParams, useRoute } from "../ui/route";
import { addressOf, answered, changed, remembered, type Source, type Try } from "./tries";

/** What was tried of each run, the newest first: it stays while other views are looked at. */
const useTried = create<{ run: string; list: readonly Try[] }>(() => ({ run: "", list: [] }));
let count = 0;

function put(run: string, next: (list: readonly Try[]) => readonly Try[]): void {
  useTried.setState((before) => (before.run === run ? { list: next(before.list) } : before));
}

/** Another run begins with nothing. */
function listOf(run: string): readonly Try[] {
  const { run: before, list } = useTried.getState();
  if (before === run) return list;
  for (const { picture } of list) letGo(picture);
  useTried.setState({ run, list: [] });
  return [];
}

function letGo(picture: string): void {
  if (picture.startsWith("blob:")) URL.revokeObjectURL(picture);
}

const why = (error: unknown) => (error instanceof RefusedError ? error.message : String(error));

/** The newest try stands in the address. */
function point({ name, source = {} }: Pick<Try, "name" | "source">): void {
  setParams(addressOf(source, name));
}

function ask(run: string, what: Pick<Try, "name" | "picture" | "truth">, source: Source): number {
  const id = ++count;
  const { list, gone } = remembered(listOf(run), { id, answer: null, refused: "", ...what, source });
  for (const { picture } of gone) letGo(picture);
  useTried.setState({ list });
  const { file, sample, split } = source;
  send<Prediction>("POST", "predict", file, { run, name: what.name, sample, split }).then(
    (answer) => put(run, (before) => answered(before, id, answer)),
    (error) => put(run, (before) => answered(before, id, why(error))),
  );
  return id;
}

/** A picture is sent once, and by the name that it gets it is explained and found again. */
function hold(run: string, id: number, file: Blob, name: string): void {
  send<Uploaded>("POST", "inside/picture", file, { name }).then(
    ({ upload }) => {
      put(run, (before) => changed(before, id, { source: { file, upload } }));
      const [newest] = useTried.getState().list;
      if (newest?.id === id) point(newest);
    },
    (error) => put(run, (before) => answered(before, id, why(error))),
  );
}

/** Tries of a run's model, the newest first, and how to add one. */
export function useTries(run: string) {
  const list = useTried((tried) => (tried.run === run ? tried.list : NONE));
  const files = useCallback(
    (given: readonly File[], unnamed: string) => {
      for (const file of given.slice(0, 8).reverse()) {
        const what = { name: file.name || unnamed, picture: pictureOf(file), truth: null };
        point(what);
        hold(run, ask(run, what, { file }), file, what.name);
      }
    },
    [run],
  );
  const sample = useCallback(
    (one: Sample, split = "") => {
      const what = { name: `${split} #${one.index}`.trim(), picture: one.picture, truth: one.label };
      const source = split ? { sample: one.index, split } : { sample: one.index };
      point({ name: what.name, source });
      ask(run, what, source);
    },
    [run],
  );
  const again = useCallback(
    (one: Try) => {
      point(one);
      put(run, (before) => [one, ...before.filter(({ id }) => id !== one.id)]);
    },
    [run],
  );
  return { list, files, sample, again };
}

const NONE: readonly Try[] = [];

function pictureOf(file: Blob): string {
  return file.type.startsWith("image/") && file.size > 0 ? URL.createObjectURL(file) : "";
}

/** What the address says: a sample that another view has led to, or the picture before a reload. */
export function useAddressed(run: string, tell: (error: unknown) => void): void {
  const { params } = useRoute();
  const [index, split] = [params.get("sample"), params.get("split") ?? ""];
  const [upload, name] = [params.get("upload"), params.get("name") ?? ""];
  useEffect(() => {
    const [newest] = listOf(run);
    const known = newest?.source;
    if (index === null && upload === null && newest) point(newest); // back from another view
    const there = upload !== null ? known?.upload === upload : isSample(known, index, split);
    if (there || (index === null && upload === null)) return;
    const abort = new AbortController();
    const found =
      upload !== null ? reopened(run, upload, name, abort.signal) : looked(run, index, split, abort.signal);
    found.catch((error) => {
      if (abort.signal.aborted) return;
      setParams(addressOf({}));
      tell(error);
    });
    return () => abort.abort();
  }, [run, index, split, upload, name, tell]);
}

function isSample(known: Source | undefined, index: string | null, split: string): boolean {
  return known?.sample !== undefined && String(known.sample) === index && (known.split ?? "") === split;
}

async function looked(run: string, index: string | null, split: string, signal: AbortSignal): Promise<void> {
  const [one] = await get<Sample[]>("samples", { run, n: 1, from: index, split: split || null }, signal);
  if (signal.aborted || !one) return;
  const source = split ? { sample: one.index, split } : { sample: one.index };
  ask(run, { name: `${split} #${one.index}`.trim(), picture: one.picture, truth: one.label }, source);
}

async function reopened(run: string, upload: string, name: string, signal: AbortSignal): Promise<void> {
  const bytes = await getBlob("inside/picture", { upload }, signal);
  if (signal.aborted) return;
  const file = new Blob([bytes], { type: "image/*" });
  ask(run, { name, picture: pictureOf(file), truth: null }, { file, upload });
}
