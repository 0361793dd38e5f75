import "./training.css";
import { useMemo } from "react";
import { FormsPage, type PageProps } from "../forms/FormsPage";
import type { Settings } from "../forms/useSettings";
import { useSay, type Words } from "../ui/words";
import { Parameters } from "./Parameters";
import { SchedulePane } from "./SchedulePane";
import { TrainingForms } from "./TrainingForms";

const W = { forms: ["Settings of the training", "训练设置"] } satisfies Record<string, Words>;

/** How a document is trained, beside what that means for the whole run and each parameter. */
export default function TrainingPage(props: PageProps) {
  const say = useSay();
  return (
    <FormsPage {...props} label={say(W.forms)} forms={(settings) => <TrainingForms settings={settings} />}>
      {(settings) => <Look settings={settings} />}
    </FormsPage>
  );
}

function Look({ settings }: { settings: Settings }) {
  const { path, drawing } = settings;
  const view = useMemo(() => ({ text: drawing.text, path }), [drawing.text, path]);
  return (
    <>
      <SchedulePane view={view} />
      <Parameters settings={settings} view={view} />
    </>
  );
}
