import { useLive } from "../api/live";
import { useRoute } from "../ui/route";
import { useTitle } from "../ui/title";
import { useSay, type Words } from "../ui/words";
import { Desk } from "./Desk";
import { Documents, New } from "./Documents";
import "./edit.css";

const W = {
  edit: ["Edit", "编辑"],
  choose: [
    "Choose a document on the left, or begin a new one from a template.",
    "请在左侧选择一个文档，或用模板新建。",
  ],
} satisfies Record<string, Words>;

/** Documents as text: a list of them, the editor, and what they describe. */
export function EditPage() {
  const say = useSay();
  const { params } = useRoute();
  const folder = useLive((live) => live.session?.folder);
  const file = params.get("file") ?? "";
  useTitle(file || say(W.edit));
  if (folder === undefined) return null;
  return (
    <div className="edit-page">
      <Documents folder={folder} file={file} />
      {file ? <Desk key={`${folder}\n${file}`} folder={folder} file={file} /> : <Choose />}
    </div>
  );
}

function Choose() {
  const say = useSay();
  const documents = useLive((live) => live.documents);
  return (
    <div className="edit-choose">
      <p className="faint">{say(W.choose)}</p>
      <New file="" documents={documents ?? []} />
    </div>
  );
}
