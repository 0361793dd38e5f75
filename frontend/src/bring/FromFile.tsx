import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type DragEvent, type FormEvent, useState } from "react";
import { send } from "../api/client";
import type { Importable, LocalFiles, LookedAt, PythonFile } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { inRow, say as said, useSay, type Words } from "../ui/words";
import { WeightsChoice } from "./FromVision";
import type { Begin } from "./ImportDialog";
import { callOf, missing } from "./importing";
import { Trust, type Trusted, UNTRUSTED } from "./Trust";

const W = {
  drop: ["Drop a .py file here, or choose one", "将 .py 文件拖到此处，或选择文件"],
  below: ["In this folder", "此文件夹中"],
  choose: ["choose…", "请选择…"],
  large: ["A Python file may have at most 1 MB.", "Python 文件最大 1 MB。"],
  reading: ["Reading {file}… nothing of it runs.", "正在读取 {file}…不会运行其中的代码。"],
  what: ["Class or function", "类或函数"],
  required: ["must be given", "必须给出"],
  input: ["Shapes of its inputs", "输入形状"],
  takes: ["It takes {names}; give one shape for each.", "它接受 {names}，请逐一给出形状。"],
  like: [
    "Such as 1x3x224x224, or 2x16:int64 for whole numbers.",
    "例如 1x3x224x224；整数输入如 2x16:int64。",
  ],
  exported: [
    "Torchwork has printed this script: it is read back without running.",
    "这是 Torchwork 导出的脚本，读回时不会运行。",
  ],
  import: ["Import", "导入"],
} satisfies Record<string, Words>;

const LARGEST = 1_000_000;

/** A class or function of a Python file: what there is is read from its text, and it runs only when it is trusted. */
export function FromFile({ files, begin }: { files: LocalFiles; begin: Begin }) {
  const say = useSay();
  const [file, setFile] = useState<PythonFile | null>(null);
  const [looked, setLooked] = useState<LookedAt | null>(null);
  const [over, setOver] = useState(false);
  const look = async (wanted: PythonFile) => {
    setFile(wanted);
    setLooked(null);
    try {
      setLooked(await send<LookedAt>("POST", "import/look", wanted));
    } catch (error) {
      setFile(null);
      tellError(error);
    }
  };
  const open = async (sent: File | undefined) => {
    if (!sent) return;
    if (sent.size > LARGEST) return notify(said(W.large), "error");
    look({ path: "", file: sent.name, text: await sent.text() });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    open(event.dataTransfer.files[0]);
  };
  const name = file ? file.path || file.file : "";
  return (
    <>
      <div className="bring-files">
        <label
          className={over ? "bring-drop over" : "bring-drop"}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <input type="file" accept=".py" onChange={(event) => open(event.currentTarget.files?.[0])} />
          {file?.file || say(W.drop)}
        </label>
        {files.python.length > 0 && (
          <NativeSelect
            label={say(W.below)}
            data={[{ value: "", label: say(W.choose) }, ...files.python]}
            value={file?.path ?? ""}
            onChange={(event) => {
              const path = event.currentTarget.value;
              if (path) look({ path, file: "", text: "" });
            }}
          />
        )}
      </div>
      {file && !looked && <p className="faint">{say(W.reading, { file: name })}</p>}
      {file && looked?.exported && (
        <div className="bring-more">
          <p>{say(W.exported)}</p>
          <Button variant="filled" onClick={() => begin({ file })}>
            {say(W.import)}
          </Button>
        </div>
      )}
      {file && looked && !looked.exported && (
        <Details key={name} name={name} file={file} looked={looked} files={files} begin={begin} />
      )}
    </>
  );
}

interface DetailsProps {
  name: string;
  file: PythonFile;
  looked: LookedAt;
  files: LocalFiles;
  begin: Begin;
}

function Details({ name, file, looked, files, begin }: DetailsProps) {
  const say = useSay();
  const [chosen, setChosen] = useState(looked.found[0]?.name ?? "");
  const [given, setGiven] = useState<Record<string, string>>({});
  const [input, setInput] = useState("");
  const [weights, setWeights] = useState("");
  const [trusted, setTrusted] = useState<Trusted>(UNTRUSTED);
  const [busy, setBusy] = useState(false);
  const found = looked.found.find((one) => one.name === chosen) as Importable;
  const lacks = missing(found.arguments, given);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const call = callOf(found.arguments, given);
    await begin({ file, name: chosen, arguments: call, input, weights, ...trusted });
    setBusy(false);
  };
  const like = found.takes.length ? say(W.takes, { names: found.takes.join(", ") }) : "";
  return (
    <form className="bring-more" onSubmit={submit}>
      <NativeSelect
        label={say(W.what)}
        description={found.summary}
        data={looked.found.map((one) => one.name)}
        value={chosen}
        onChange={(event) => {
          setChosen(event.currentTarget.value);
          setGiven({});
        }}
      />
      {found.arguments.length > 0 && (
        <div className="bring-arguments">
          {found.arguments.map((one) => (
            <TextInput
              key={`${chosen}.${one.name}`}
              label={one.name}
              placeholder={one.required ? say(W.required) : one.default}
              value={given[one.name] ?? ""}
              onChange={(event) => setGiven({ ...given, [one.name]: event.currentTarget.value })}
            />
          ))}
        </div>
      )}
      <TextInput
        label={say(W.input)}
        description={inRow([like, say(W.like)])}
        required
        withAsterisk={false}
        value={input}
        onChange={(event) => setInput(event.currentTarget.value)}
      />
      <WeightsChoice files={files} value={weights} onChange={setWeights} />
      <Trust file={name} does={looked.does} limits={files.limits} value={trusted} onChange={setTrusted} />
      <Button type="submit" variant="filled" loading={busy} disabled={!trusted.trust || lacks.length > 0}>
        {say(W.import)} {chosen}
      </Button>
    </form>
  );
}
