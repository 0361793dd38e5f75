import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { send, url } from "../api/client";
import { useLive } from "../api/live";
import type { DocumentText, Job, Queue, Run } from "../api/messages";
import { Link } from "../ui/Link";
import { Menu, MenuItem } from "../ui/Menu";
import { notify, tellError } from "../ui/notices";
import { Popup } from "../ui/Popup";
import { address, go } from "../ui/route";
import { say as said, useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { download } from "./download";
import { freeName } from "./names";
import { actions, suggestedEpochs } from "./status";
import { useJobOf, useQueueCall } from "./stopping";

const W = {
  stop: ["Stop", "停止"],
  stopNow: ["Stop now", "立即停止"],
  stopping: ["Stopping after a checkpoint…", "正在保存检查点并停止…"],
  resume: ["Resume", "继续训练"],
  resumeTo: ["Epochs in all", "总轮数"],
  resumed: ["{name} goes on.", "{name} 继续训练。"],
  waits: ["{name} waits for a free place.", "{name} 正在等待空位。"],
  unqueue: ["Remove from the queue", "移出队列"],
  editAsNew: ["Edit as new", "复制并编辑"],
  newFile: ["Name of the new document", "新文档的名称"],
  create: ["Create", "创建"],
  compare: ["Compare", "比较"],
  download: ["Download", "下载"],
  safetensors: ["Weights (.safetensors)", "权重 (.safetensors)"],
  safetensorsHelp: ["The best weights, for any program of yours.", "最佳权重，可在任何程序中加载。"],
  pt2: ["Program (.pt2)", "程序 (.pt2)"],
  pt2Help: [
    "Model and weights together: torch.export runs it without Torchwork.",
    "模型与权重打包在一起：用 torch.export 即可加载运行，无需 Torchwork。",
  ],
  script: ["Script (.py)", "脚本 (.py)"],
  scriptHelp: ["Plain PyTorch that repeats this training.", "可复现此次训练的纯 PyTorch 代码。"],
  csv: ["Curves (.csv)", "曲线 (.csv)"],
  csvHelp: ["Every recorded point.", "所有记录的数据点。"],
} satisfies Record<string, Words>;

const EXPORTS = [
  ["safetensors", W.safetensors, W.safetensorsHelp],
  ["pt2", W.pt2, W.pt2Help],
  ["script", W.script, W.scriptHelp],
] as const;

/** What can be done with a run as it is. */
export function RunActions({ run }: { run: Run }) {
  const say = useSay();
  const can = actions(run);
  const job = useJobOf(run.id);
  return (
    <div className="run-actions">
      {can.stop && <Stop run={run} stopping={job?.state === "stopping"} />}
      {job?.state === "queued" && <Unqueue job={job} />}
      {can.resume && job?.state !== "queued" && <Resume run={run} />}
      {can.edit && <EditAsNew run={run} />}
      <Button component={Link} href={address("/runs", { sel: run.id })}>
        {say(W.compare)}
      </Button>
      <Download run={run} />
    </div>
  );
}

/** The first word asks for a checkpoint, the second one ends at once; of a training of a terminal no job tells. */
function Stop({ run, stopping }: { run: Run; stopping: boolean }) {
  const say = useSay();
  const [asked, setAsked] = useState(false);
  const now = stopping || asked;
  const button = useQueueCall(async () => {
    const query = { run: run.id, at_once: now ? "true" : null };
    const queue = await send<Queue>("POST", "runs/stop", undefined, query);
    if (!now) notify(said(W.stopping));
    setAsked(true);
    return queue;
  });
  return (
    <Button color="red" variant="light" {...button}>
      {say(now ? W.stopNow : W.stop)}
    </Button>
  );
}

function Unqueue({ job }: { job: Job }) {
  const say = useSay();
  const button = useQueueCall(() => send<Queue>("POST", "jobs/stop", undefined, { id: job.id }));
  return <Button {...button}>{say(W.unqueue)}</Button>;
}

/** A button that opens a small form below it. */
function Ask(props: {
  label: string;
  submit: string;
  onSubmit: () => Promise<unknown>;
  children: ReactNode;
}) {
  const readOnly = useReadOnly();
  const submit = (event: FormEvent, close: () => void) => {
    event.preventDefault();
    props.onSubmit().then(close, tellError);
  };
  return (
    <Popup text={props.label} disabled={readOnly !== undefined} tip={readOnly}>
      {(close) => (
        <form className="run-ask" onSubmit={(event) => submit(event, close)}>
          {props.children}
          <Button type="submit" variant="filled">
            {props.submit}
          </Button>
        </form>
      )}
    </Popup>
  );
}

function Resume({ run }: { run: Run }) {
  const say = useSay();
  const [epochs, setEpochs] = useState(() => String(suggestedEpochs(run)));
  const resume = async () => {
    const more = Number(epochs) === run.epochs ? undefined : Number(epochs);
    const job = await send<Job>("POST", "runs/resume", undefined, { run: run.id, epochs: more });
    notify(said(job.state === "queued" ? W.waits : W.resumed, { name: run.name }));
  };
  return (
    <Ask label={say(W.resume)} submit={say(W.resume)} onSubmit={resume}>
      <TextInput
        type="number"
        label={say(W.resumeTo)}
        value={epochs}
        onChange={(event) => setEpochs(event.currentTarget.value)}
        min={Math.max(1, run.epoch ?? 1)}
        step={1}
        required
        withAsterisk={false}
        w={130}
        data-autofocus
      />
    </Ask>
  );
}

function EditAsNew({ run }: { run: Run }) {
  const say = useSay();
  const documents = useLive((live) => live.documents);
  const [name, setName] = useState<string | null>(null);
  const path =
    name ??
    freeName(
      run.name,
      (documents ?? []).map((file) => file.path),
    );
  const create = async () => {
    const made = await send<DocumentText>("POST", "documents", { run: run.id, template: null, path });
    go(address("/edit", { file: made.path }));
  };
  return (
    <Ask label={say(W.editAsNew)} submit={say(W.create)} onSubmit={create}>
      <TextInput
        label={say(W.newFile)}
        value={path}
        onChange={(event) => setName(event.currentTarget.value)}
        w={240}
        data-autofocus
      />
    </Ask>
  );
}

function Download({ run }: { run: Run }) {
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const save = (address: string) => {
    setBusy(true);
    download(address)
      .catch(tellError)
      .finally(() => setBusy(false));
  };
  const item = (address: string, name: string, help: string) => (
    <MenuItem key={address} onClick={() => save(address)}>
      {name}
      <div className="faint run-help">{help}</div>
    </MenuItem>
  );
  return (
    <Menu text={say(W.download)} loading={busy}>
      {run.document &&
        EXPORTS.map(([to, name, help]) => item(url("export", { run: run.id, to }), say(name), say(help)))}
      {item(url("scalars.csv", { run: run.id }), say(W.csv), say(W.csvHelp))}
    </Menu>
  );
}
