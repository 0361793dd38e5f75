import { useEffect, useState } from "react";
import { get } from "../api/client";
import type { Template } from "../api/messages";
import { Link } from "../ui/Link";
import { tellError } from "../ui/notices";
import { address, go } from "../ui/route";
import { useTitle } from "../ui/title";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { NetworkCard } from "./NetworkCard";
import { RecentDocuments } from "./RecentDocuments";
import { RecentRuns } from "./RecentRuns";
import { TemplateCard } from "./TemplateCard";
import { NETWORKS } from "./templates";
import { emptySheet } from "./training";
import { useTraining } from "./useTraining";
import "./start.css";

const W = {
  begin: ["Train a model", "训练模型"],
  networks: ["Networks", "经典网络"],
  empty: ["Draw from an empty sheet", "从空白画布开始"],
  import: ["Import a network…", "导入网络…"],
  others: [
    "To watch the logs of any other training (TensorBoard event files, from any writer):",
    "查看其他训练的日志（任意程序写出的 TensorBoard 事件文件）：",
  ],
  folder: ["FOLDER", "文件夹"],
} satisfies Record<string, Words>;

/** The first page: a template is one click from training; below, what was done here lately. */
export function StartPage() {
  const say = useSay();
  const readOnly = useReadOnly();
  const templates = useTemplates();
  const first = templates.filter(({ name }) => !(name in NETWORKS));
  const networks = templates.filter(({ name }) => name in NETWORKS);
  const training = useTraining();
  useTitle("");
  return (
    <div className="start-page">
      <h2>{say(W.begin)}</h2>
      <div className="start-cards">
        {first.map((template, place) => (
          <TemplateCard key={template.name} template={template} training={training} first={place === 0} />
        ))}
      </div>
      <div className="start-title">
        <h2>{say(W.networks)}</h2>
        <span className="start-more">
          <button
            type="button"
            className="faint"
            disabled={readOnly !== undefined}
            data-tip={readOnly}
            onClick={drawEmpty}
          >
            {say(W.empty)}
          </button>
          <Link href={address("/edit", { import: "new" })} className="faint">
            {say(W.import)}
          </Link>
        </span>
      </div>
      <div className="start-networks">
        {networks.map((template) => (
          <NetworkCard key={template.name} template={template} training={training} />
        ))}
      </div>
      <div className="start-lists">
        <RecentRuns />
        <div>
          <RecentDocuments training={training} />
          <p className="start-others">
            {say(W.others)} <code>torchwork open {say(W.folder)}</code>
          </p>
        </div>
      </div>
    </div>
  );
}

/** Opens a document that has no layers yet. */
async function drawEmpty(): Promise<void> {
  try {
    go(address("/edit", { file: await emptySheet(), view: "draw" }));
  } catch (error) {
    tellError(error);
  }
}

function useTemplates(): Template[] {
  const [templates, setTemplates] = useState<Template[]>([]);
  useEffect(() => {
    const asking = new AbortController();
    get<Template[]>("templates", {}, asking.signal).then(setTemplates, tellError);
    return () => asking.abort();
  }, []);
  return templates;
}
