import { ActionIcon } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useLive } from "../api/live";
import { ImportButton, ImportPlace } from "../bring/Bring";
import { Icon } from "../ui/Icon";
import { kept } from "../ui/kept";
import { useRoute } from "../ui/route";
import { tip } from "../ui/tips";
import { useTitle } from "../ui/title";
import { useSay, type Words } from "../ui/words";
import { Desk } from "./Desk";
import { Documents, New } from "./Documents";
import "./edit.css";

const W = {
  edit: ["Edit", "编辑"],
  list: ["List of documents", "文档列表"],
  choose: [
    "Choose a document on the left, begin a new one from a template, or import a network.",
    "请在左侧选择一个文档，用模板新建，或导入一个网络。",
  ],
} satisfies Record<string, Words>;

const listed = kept("documents", window.innerWidth >= 1500);

/** Documents: a list of them, and the one that is edited. */
export function EditPage() {
  const say = useSay();
  const { params } = useRoute();
  const folder = useLive((live) => live.session?.folder);
  const file = params.get("file") ?? "";
  const list = useSyncExternalStore(listed.subscribe, listed.get) || !file;
  useTitle(file || say(W.edit));
  if (folder === undefined) return null;
  return (
    <div className="edit-page">
      {list && <Documents folder={folder} file={file} />}
      {file && (
        <div className="edit-fold">
          <ActionIcon {...tip(say(W.list))} aria-expanded={list} onClick={() => listed.set(!list)}>
            <Icon name={list ? "before" : "after"} />
          </ActionIcon>
        </div>
      )}
      {file ? <Desk key={`${folder}\n${file}`} folder={folder} file={file} /> : <Choose />}
      <ImportPlace />
    </div>
  );
}

function Choose() {
  const say = useSay();
  const documents = useLive((live) => live.documents);
  return (
    <div className="edit-choose">
      <p className="faint">{say(W.choose)}</p>
      <span className="edit-begin">
        <New file="" documents={documents ?? []} />
        <ImportButton />
      </span>
    </div>
  );
}
