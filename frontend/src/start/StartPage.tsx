import { useEffect, useState } from "react";
import { get } from "../api/client";
import type { Template } from "../api/messages";
import { tellError } from "../ui/notices";
import { useTitle } from "../ui/title";
import { useSay, type Words } from "../ui/words";
import { RecentDocuments } from "./RecentDocuments";
import { RecentRuns } from "./RecentRuns";
import { TemplateCard } from "./TemplateCard";
import { useTraining } from "./useTraining";
import "./start.css";

const W = {
  begin: ["Train a model", "训练模型"],
  others: [
    "To watch the logs of any other training (TensorBoard event files, from any writer):",
    "查看其他训练的日志（任意程序写出的 TensorBoard 事件文件）：",
  ],
  folder: ["FOLDER", "文件夹"],
} satisfies Record<string, Words>;

/** The first page: a template is one click from training; below, what was done here lately. */
export function StartPage() {
  const say = useSay();
  const templates = useTemplates();
  const training = useTraining();
  useTitle("");
  return (
    <div className="start-page">
      <h2>{say(W.begin)}</h2>
      <div className="start-cards">
        {templates.map((template, place) => (
          <TemplateCard key={template.name} template={template} training={training} first={place === 0} />
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

function useTemplates(): Template[] {
  const [templates, setTemplates] = useState<Template[]>([]);
  useEffect(() => {
    const asking = new AbortController();
    get<Template[]>("templates", {}, asking.signal).then(setTemplates, tellError);
    return () => asking.abort();
  }, []);
  return templates;
}
