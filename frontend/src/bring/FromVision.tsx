import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { get } from "../api/client";
import type { LocalFiles, VisionModel } from "../api/messages";
import { tellError } from "../ui/notices";
import { useSay, type Words } from "../ui/words";
import type { Begin } from "./ImportDialog";

export const W = {
  search: ["Search models", "搜索模型"],
  models: ["Models", "模型"],
  wait: ["Asking torchvision…", "正在询问 torchvision…"],
  none: ["No model is called so.", "没有这个名称的模型。"],
  classification: ["Classification", "分类"],
  segmentation: ["Segmentation", "分割"],
  video: ["Video", "视频"],
  input: ["Shape of an input", "输入形状"],
  weights: ["Weights to load", "要载入的权重"],
  fresh: ["none: freshly initialised", "无：随机初始化"],
  import: ["Import", "导入"],
} satisfies Record<string, Words>;

const GROUPS = ["classification", "segmentation", "video"] as const;

/** A model of torchvision, by its name. */
export function FromVision({ files, begin }: { files: LocalFiles; begin: Begin }) {
  const say = useSay();
  const models = useModels();
  const [text, setText] = useState("");
  const [picked, setPicked] = useState("resnet18");
  const [input, setInput] = useState("");
  const [weights, setWeights] = useState("");
  const [busy, setBusy] = useState(false);
  const list = useRef<HTMLSelectElement>(null);
  const shown = (models ?? []).filter(({ name }) => matches(name, text));
  const model = shown.find(({ name }) => name === picked) ?? shown[0];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!model) return;
    setBusy(true);
    await begin({ model: model.name, input: input || model.input, weights });
    setBusy(false);
  };
  const down = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    list.current?.focus();
  };
  return (
    <form className="bring-form" onSubmit={submit}>
      <div className="bring-models">
        <TextInput
          aria-label={say(W.search)}
          placeholder={say(W.search)}
          value={text}
          data-autofocus
          onKeyDown={down}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <select
          ref={list}
          size={12}
          aria-label={say(W.models)}
          value={model?.name ?? ""}
          onChange={(event) => setPicked(event.currentTarget.value)}
        >
          {GROUPS.map((group) => {
            const own = shown.filter((one) => one.group === group);
            return own.length ? (
              <optgroup key={group} label={say(W[group])}>
                {own.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </optgroup>
            ) : null;
          })}
        </select>
        <p className="faint">{models === null ? say(W.wait) : shown.length ? "" : say(W.none)}</p>
      </div>
      <div className="bring-more">
        <TextInput
          label={say(W.input)}
          placeholder={model?.input}
          value={input}
          onChange={(event) => setInput(event.currentTarget.value)}
        />
        <WeightsChoice files={files} value={weights} onChange={setWeights} />
        <Button type="submit" variant="filled" loading={busy} disabled={!model}>
          {say(W.import)} {model?.name}
        </Button>
      </div>
    </form>
  );
}

/** A file of weights below the folder that the import loads first. */
export function WeightsChoice(props: { files: LocalFiles; value: string; onChange: (path: string) => void }) {
  const say = useSay();
  return (
    <NativeSelect
      label={say(W.weights)}
      data={[{ value: "", label: say(W.fresh) }, ...props.files.weights]}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

/** Every word that is searched for stands in the name, wherever. */
export function matches(name: string, text: string): boolean {
  const plain = (words: string) => words.toLowerCase().replace(/[-_]/g, "");
  return text.split(/\s+/).every((word) => plain(name).includes(plain(word)));
}

function useModels(): VisionModel[] | null {
  const [models, setModels] = useState<VisionModel[] | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const order = (found: VisionModel[]) =>
      found.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    get<VisionModel[]>("vision-models", {}, abort.signal).then((found) => setModels(order(found)), tellError);
    return () => abort.abort();
  }, []);
  return models;
}
