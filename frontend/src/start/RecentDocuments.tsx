import { Button } from "@mantine/core";
import { useLive } from "../api/live";
import { RunName } from "../runs/RunName";
import { ago } from "../ui/format";
import { Link } from "../ui/Link";
import { address } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import type { Training } from "./useTraining";

const W = {
  documents: ["Experiments", "实验"],
  train: ["Train", "训练"],
  none: [
    "No experiments yet. One is made here when you train or edit a template; it is a text file of your own.",
    "还没有实验。训练或编辑模板时会在这里生成实验文件，它是可以自由修改的文本文件。",
  ],
} satisfies Record<string, Words>;

const SHOWN = 8;

/** The documents of the folder, the last changed first. */
export function RecentDocuments({ training }: { training: Training }) {
  const say = useSay();
  const readOnly = useReadOnly();
  const documents = useLive((live) => live.documents);
  return (
    <section>
      <div className="start-head">
        <h2>{say(W.documents)}</h2>
      </div>
      <div className="panel start-list">
        {documents && !documents.length && <p className="faint">{say(W.none)}</p>}
        {(documents ?? []).slice(0, SHOWN).map((document) => (
          <div key={document.path} className="start-document">
            <Link
              href={address("/edit", { file: document.path })}
              className="start-name"
              title={document.path}
            >
              <RunName name={document.path} />
            </Link>
            <span className="faint">{ago(document.modified)}</span>
            <Button
              aria-label={`${say(W.train)} ${document.path}`}
              loading={training.busy === document.path}
              disabled={readOnly !== undefined || (training.busy !== null && training.busy !== document.path)}
              data-tip={readOnly}
              onClick={() => training.fromDocument(document.path)}
            >
              {say(W.train)}
            </Button>
          </div>
        ))}
      </div>
    </section>
  );
}
