import { Button, NativeSelect } from "@mantine/core";
import { useEffect, useState } from "react";
import { get, send } from "../api/client";
import type { LocalFiles, UploadedWeights, WeightsFit } from "../api/messages";
import type { OpenDocument } from "../experiment/document";
import { notify, tellError } from "../ui/notices";
import { Popup } from "../ui/Popup";
import { Said } from "../ui/said";
import { say as said, useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import "./bring.css";

const W = {
  weights: ["Weights", "权重"],
  tip: ["A file of weights that this network begins from", "此网络的初始权重文件"],
  begin: ["Begin from", "初始权重"],
  fresh: ["none: freshly initialised", "无：随机初始化"],
  upload: ["Upload .safetensors or .pt…", "上传 .safetensors 或 .pt…"],
  fits: ["All {count} tensors fit this network.", "全部 {count} 个张量与此网络匹配。"],
  none: ["The network begins freshly initialised.", "网络将随机初始化。"],
  large: [
    "Weights may have at most 2 GB; put larger ones into the folder by hand.",
    "权重文件最大 2 GB，更大的请手动放入文件夹。",
  ],
  busy: ["Trying…", "正在检查…"],
} satisfies Record<string, Words>;

const LARGEST = 2 * 2 ** 30;

/** The weights that a document begins from: chosen below the folder or uploaded, with what of them fits. */
export function Weights({ document }: { document: OpenDocument }) {
  const say = useSay();
  const readOnly = useReadOnly();
  return (
    <Popup
      text={say(W.weights)}
      tip={readOnly ?? say(W.tip)}
      disabled={readOnly !== undefined}
      panelWidth={380}
    >
      {() => <Panel document={document} />}
    </Popup>
  );
}

function Panel({ document }: { document: OpenDocument }) {
  const say = useSay();
  const [files, setFiles] = useState<Pick<LocalFiles, "weights">>({ weights: [] });
  const [path, setPath] = useState(() => writtenIn(document.get()?.editing.text ?? ""));
  const [fit, setFit] = useState<WeightsFit | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    get<LocalFiles>("import/files").then(setFiles, tellError);
  }, []);
  const now = () => document.get()?.editing.text ?? "";
  const tried = async (weights: string): Promise<WeightsFit> => {
    const text = now();
    const found = await send<WeightsFit>("POST", "weights", { text, path: document.path, weights });
    // what somebody wrote meanwhile is not replaced: they are put into that
    return now() === text ? found : tried(weights);
  };
  const choose = async (weights: string) => {
    setBusy(true);
    try {
      const found = await tried(weights);
      document.write(found.text);
      setPath(weights);
      setFit(found);
    } catch (error) {
      tellError(error);
    } finally {
      setBusy(false);
    }
  };
  const upload = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > LARGEST) return notify(said(W.large), "error");
    setBusy(true);
    try {
      const made = await send<UploadedWeights>("POST", "upload-weights", file, { name: file.name });
      setFiles({ ...files, weights: [...files.weights, made.path] });
      await choose(made.path);
    } catch (error) {
      tellError(error);
    } finally {
      setBusy(false);
    }
  };
  const known = path && !files.weights.includes(path) ? [path] : [];
  return (
    <div className="bring-more">
      <NativeSelect
        label={say(W.begin)}
        data={[{ value: "", label: say(W.fresh) }, ...known, ...files.weights]}
        value={path}
        disabled={busy}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <Button component="label" disabled={busy}>
        {say(W.upload)}
        <input
          type="file"
          className="bring-hidden"
          accept=".safetensors,.pt,.pth"
          onChange={(event) => upload(event.currentTarget.files?.[0])}
        />
      </Button>
      <div aria-live="polite">
        {busy ? <p className="faint">{say(W.busy)}</p> : fit && <Verdict fit={fit} path={path} />}
      </div>
    </div>
  );
}

function Verdict({ fit, path }: { fit: WeightsFit; path: string }) {
  const say = useSay();
  if (fit.problems.length)
    return fit.problems.map((problem) => (
      <p key={problem.message} className="bring-bad">
        <Said text={problem.message} />
      </p>
    ));
  return <p className="bring-seal">✓ {path ? say(W.fits, { count: fit.tensors }) : say(W.none)}</p>;
}

/** What a text says after `weights:` of its model. */
export function writtenIn(text: string): string {
  const found = /^ {2,}weights:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\n]*))/m.exec(text);
  const value = (found?.[1] ?? found?.[2] ?? found?.[3] ?? "").trim();
  return value === "null" || value === "~" ? "" : value;
}
