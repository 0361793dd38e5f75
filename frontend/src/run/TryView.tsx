import { Button } from "@mantine/core";
import { type DragEvent, lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { tellError } from "../ui/notices";
import { useSay, type Words } from "../ui/words";
import { Samples } from "./Samples";
import { Tried } from "./Tried";
import { filesOf, type Try } from "./tries";
import { useAddressed, useTries } from "./useTries";

const Explain = lazy(() => import("../inside/Explain"));

const W = {
  drop: ["Drop a picture here, paste one, or", "把图片拖到这里、粘贴图片，或"],
  choose: ["choose a file", "选择文件"],
  history: ["Tried before", "试过的图片"],
  first: ["Choose a picture to see what the model says of it.", "选择一张图片，查看模型的预测结果。"],
  row: ["Choose a sample to see what the model says of it.", "选择一个样本，查看模型的预测结果。"],
  pasted: ["pasted", "粘贴的图片"],
  only: [
    "Where a network looked is shown on a picture, and this sample is none: it is only predicted.",
    "关注位置只能显示在图片上，而该样本不是图片，因此只给出预测。",
  ],
} satisfies Record<string, Words>;

/** Give the model of a run a picture and see the classes with their scores. */
export function TryView({ run }: { run: string }) {
  const say = useSay();
  const { list, files, sample, again } = useTries(run);
  const [over, setOver] = useState(false);
  const [pictures, setPictures] = useState(true);
  const take = useCallback((given: readonly File[]) => files(given, say(W.pasted)), [files, say]);
  usePaste(take);
  useAddressed(run, tellError);
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
        {pictures && <Choose onFiles={take} />}
        <Samples run={run} onChoose={(one) => sample(one)} onKind={setPictures} />
      </div>
      <div>
        {newest ? (
          <Newest key={newest.id} run={run} one={newest} />
        ) : (
          <p className="faint panel run-pad">{say(pictures ? W.first : W.row)}</p>
        )}
        <History list={older} onChoose={again} />
      </div>
    </section>
  );
}

/** What is no picture is only predicted; of a picture one sees where the network looked. */
function Newest({ run, one }: { run: string; one: Try }) {
  const say = useSay();
  const plain = <Tried one={one} large />;
  if (!one.picture && one.source?.sample !== undefined)
    return (
      <>
        {plain}
        <p className="faint run-pad">{say(W.only)}</p>
      </>
    );
  if (!one.picture || one.refused) return plain;
  return (
    <Suspense fallback={plain}>
      <Explain run={run} one={one} />
    </Suspense>
  );
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
