import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { get, send } from "../api/client";
import { useLive } from "../api/live";
import type { DocumentFile, DocumentText, Template } from "../api/messages";
import { ImportButton } from "../bring/Bring";
import { freeName } from "../run/names";
import { titleOf } from "../start/TemplateCard";
import { NETWORKS } from "../start/templates";
import { ago } from "../ui/format";
import { Link } from "../ui/Link";
import { tellError } from "../ui/notices";
import { Popup } from "../ui/Popup";
import { address, go } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { draftsOf } from "./drafts";

const W = {
  documents: ["Documents", "文档"],
  search: ["Search documents", "搜索文档"],
  find: ["Search", "搜索"],
  create: ["New", "新建"],
  from: ["Begin from", "以此为基础"],
  empty: ["an empty sheet", "空白画布"],
  networks: ["Networks", "经典网络"],
  path: ["Name", "名称"],
  make: ["Create", "创建"],
  copy: ["a copy of {file}", "{file} 的副本"],
  none: ["There is no document in this folder yet.", "此文件夹中还没有文档。"],
  noMatch: ["No document matches.", "没有匹配的文档。"],
  unsaved: ["not saved", "未保存"],
} satisfies Record<string, Words>;

const COPY = "copy:";
const EMPTY = "";

/** The documents of the folder, the last changed first. */
export function Documents({ folder, file }: { folder: string; file: string }) {
  const say = useSay();
  const documents = useLive((live) => live.documents);
  const [text, setText] = useState("");
  const wanted = text.toLowerCase();
  const shown = (documents ?? []).filter(({ path, name }) =>
    `${path} ${name}`.toLowerCase().includes(wanted),
  );
  const drafts = new Set(draftsOf(folder));
  return (
    <nav className="edit-list" aria-label={say(W.documents)}>
      <div className="edit-list-head">
        <TextInput
          aria-label={say(W.search)}
          placeholder={say(W.find)}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          flex={1}
        />
        <New file={file} documents={documents ?? []} />
        <ImportButton />
      </div>
      <ul>
        {shown.map(({ path, modified }) => (
          <li key={path}>
            <Link href={address("/edit", { file: path })} aria-current={path === file ? "page" : undefined}>
              <span className="edit-path" title={path}>
                {path}
              </span>
              {path !== file && drafts.has(path) ? (
                <span className="edit-dirty" role="img" title={say(W.unsaved)} aria-label={say(W.unsaved)}>
                  ●
                </span>
              ) : null}
              <span className="faint">{ago(modified)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {documents !== null && shown.length === 0 && (
        <p className="faint">{say(documents.length ? W.noMatch : W.none)}</p>
      )}
    </nav>
  );
}

/** A button that makes a document from a template, or as a copy of `file`. */
export function New({ file, documents }: { file: string; documents: readonly DocumentFile[] }) {
  const say = useSay();
  const readOnly = useReadOnly();
  return (
    <Popup text={say(W.create)} align="start" disabled={readOnly !== undefined} tip={readOnly}>
      {(close) => <Form file={file} documents={documents} onDone={close} />}
    </Popup>
  );
}

function Form(props: { file: string; documents: readonly DocumentFile[]; onDone: () => void }) {
  const say = useSay();
  const [templates, setTemplates] = useState<Template[]>([]);
  const [from, setFrom] = useState("shapes");
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    get<Template[]>("templates", {}, abort.signal).then(setTemplates, tellError);
    return () => abort.abort();
  }, []);
  const source = from.startsWith(COPY) ? from.slice(COPY.length) : from;
  const path =
    name ??
    freeName(
      source,
      props.documents.map((one) => one.path),
    );
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      go(address("/edit", { file: await create(path, from) }));
      props.onDone();
    } catch (error) {
      tellError(error);
    }
  };
  const item = (one: Template) => ({ value: one.name, label: titleOf(one, say)[0] });
  const data = [
    ...(props.file ? [{ value: `${COPY}${props.file}`, label: say(W.copy, { file: props.file }) }] : []),
    { value: EMPTY, label: say(W.empty) },
    ...templates.filter(({ name }) => !(name in NETWORKS)).map(item),
    { group: say(W.networks), items: templates.filter(({ name }) => name in NETWORKS).map(item) },
  ];
  return (
    <form className="edit-new" onSubmit={submit}>
      <NativeSelect
        label={say(W.from)}
        data={data}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        w={360}
      />
      <TextInput label={say(W.path)} value={path} onChange={(event) => setName(event.currentTarget.value)} />
      <Button type="submit" variant="filled">
        {say(W.make)}
      </Button>
    </form>
  );
}

/** Makes the document and says where it is. */
async function create(path: string, from: string): Promise<string> {
  if (!from.startsWith(COPY))
    return (await send<DocumentText>("POST", "documents", { path, template: from || null, run: null })).path;
  const { text } = await get<DocumentText>("document", { path: from.slice(COPY.length) });
  return (await send<DocumentText>("PUT", "document", { path, text, base: "", force: false })).path;
}
