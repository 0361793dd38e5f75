import { Button } from "@mantine/core";
import { type DragEvent, lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { get, RefusedError, send } from "../api/client";
import type { Prediction, Sample } from "../api/messages";
import { tellError } from "../ui/notices";
import { setParams, useRoute } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { Samples } from "./Samples";
import { Tried } from "./Tried";
import { answered, filesOf, remembered, type Source, type Try } from "./tries";

const Explain = lazy(() => import("../inside/Explain"));

const W = {
  drop: ["Drop a picture here, paste one, or", "把图片拖到这里、粘贴图片，或"],
  choose: ["choose a file", "选择文件"],
  history: ["Tried before", "试过的图片"],
  first: ["Choose a picture to see what the model says of it.", "选择一张图片，查看模型的预测结果。"],
  pasted: ["pasted", "粘贴的图片"],
} satisfies Record<string, Words>;

let count = 0;

/** Tries of a run's model, the newest first, and how to add one. */
function useTries(run: string) {
  const [list, setList] = useState<Try[]>([]);
  const pictures = useRef(new Set<string>());
  useEffect(() => {
    const held = pictures.current;
    return () => {
      for (const picture of held) URL.revokeObjectURL(picture);
    };
  }, []);
  const ask = useCallback(
    (what: Pick<Try, "name" | "picture" | "truth">, source: Source) => {
      const id = ++count;
      if (what.picture.startsWith("blob:")) pictures.current.add(what.picture);
      setList((before) => remembered(before, { id, answer: null, refused: "", ...what, source }).list);
      const { file, ...query } = source;
      send<Prediction>("POST", "predict", file, { run, name: what.name, ...query }).then(
        (answer) => setList((before) => answered(before, id, answer)),
        (error) =>
          setList((before) =>
            answered(before, id, error instanceof RefusedError ? error.message : String(error)),
          ),
      );
    },
    [run],
  );
  return { list, setList, ask };
}

/** Give the model of a run a picture and see the classes with their scores. */
export function TryView({ run }: { run: string }) {
  const say = useSay();
  const { list, setList, ask } = useTries(run);
  const [over, setOver] = useState(false);
  const take = useCallback(
    (files: readonly File[]) => {
      for (const file of files.slice(0, 8).reverse())
        ask({ name: file.name || say(W.pasted), picture: pictureOf(file), truth: null }, { file });
    },
    [ask, say],
  );
  usePaste(take);
  const sample = useCallback(
    (one: Sample, split = "") =>
      ask(
        { name: `${split} #${one.index}`.trim(), picture: one.picture, truth: one.label },
        split ? { sample: one.index, split } : { sample: one.index },
      ),
    [ask],
  );
  useLinked(run, sample);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(filesOf(event.dataTransfer));
  };
  const [newest, ...older] = list;
  return (
    <section
      className={over ? "run-try over" : "run-try"}
      aria-label={say(W.drop)}
      onDrop={onDrop}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
    >
      <div>
        <Choose onFiles={take} />
        <Samples run={run} onChoose={(one) => sample(one)} />
      </div>
      <div>
        {newest ? (
          <Newest key={newest.id} run={run} one={newest} />
        ) : (
          <p className="faint panel run-pad">{say(W.first)}</p>
        )}
        <History
          list={older}
          onChoose={(one) => setList((before) => [one, ...before.filter(({ id }) => id !== one.id)])}
        />
      </div>
    </section>
  );
}

/** What is no picture is only predicted; of a picture one sees where the network looked. */
function Newest({ run, one }: { run: string; one: Try }) {
  const plain = <Tried one={one} large />;
  if (!one.picture || one.refused) return plain;
  return (
    <Suspense fallback={plain}>
      <Explain run={run} one={one} />
    </Suspense>
  );
}

/** The sample that another view has led to, as `sample` and `split` of the address say. */
function useLinked(run: string, onSample: (one: Sample, split: string) => void): void {
  const { params } = useRoute();
  const [index, split] = [params.get("sample"), params.get("split") ?? ""];
  useEffect(() => {
    if (index === null) return;
    const abort = new AbortController();
    get<Sample[]>("samples", { run, n: 1, from: index, split: split || null }, abort.signal).then(
      ([one]) => {
        if (abort.signal.aborted) return;
        setParams({ sample: null, split: null });
        if (one) onSample(one, split);
      },
      (error) => abort.signal.aborted || tellError(error),
    );
    return () => abort.abort();
  }, [run, index, split, onSample]);
}

function Choose({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const say = useSay();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="run-drop">
      {say(W.drop)} <Button onClick={() => input.current?.click()}>{say(W.choose)}</Button>
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple
        hidden
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}

function History({ list, onChoose }: { list: readonly Try[]; onChoose: (one: Try) => void }) {
  const say = useSay();
  if (list.length === 0) return null;
  return (
    <>
      <h2 className="run-title">{say(W.history)}</h2>
      <ul className="run-history">
        {list.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onChoose(one)}>
              <Tried one={one} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function pictureOf(file: File): string {
  return file.type.startsWith("image/") && file.size > 0 ? URL.createObjectURL(file) : "";
}

function usePaste(take: (files: readonly File[]) => void): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = filesOf(event.clipboardData);
      if (files.length === 0) return;
      event.preventDefault();
      take(files);
    };
    window.addEventListener("paste", onPaste);
    return () => window.removeEventListener("paste", onPaste);
  }, [take]);
}
