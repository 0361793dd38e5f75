import { Button, Checkbox, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Template } from "../api/messages";
import { tellError } from "../ui/notices";
import { address, go } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { LayerPicture } from "./LayerPicture";
import { OwnData } from "./OwnData";
import { DOWNLOADS, DROPS, setting, TOLD } from "./templates";
import { documentOf } from "./training";
import type { Training } from "./useTraining";

const W = {
  train: ["Train", "训练"],
  edit: ["Edit", "编辑"],
  starting: ["Starting…", "正在启动…"],
  queued: ["In the queue…", "排队中…"],
  back: ["Back", "返回"],
} satisfies Record<string, Words>;

/** A template as a card: its network, one sentence, and the button that trains it. */
export function TemplateCard({
  template,
  training,
  first,
}: {
  template: Template;
  training: Training;
  first: boolean;
}) {
  const say = useSay();
  const readOnly = useReadOnly();
  const told = TOLD[template.name];
  const [asking, setAsking] = useState(false);
  const busy = training.busy === template.name;
  const [title, rest] = titleOf(template, say);
  const begin = () => (told?.needs.length ? setAsking(true) : training.fromTemplate(template, []));
  return (
    <article className="panel start-card">
      <LayerPicture layers={template.layers} />
      <h3>{title}</h3>
      {asking ? (
        <Needs template={template} training={training} back={() => setAsking(false)} />
      ) : (
        <>
          <p>{rest}</p>
          <Drop template={template} disabled={readOnly !== undefined} />
          <div className="start-buttons">
            <Button
              size="xs"
              variant={first ? "filled" : "default"}
              disabled={readOnly !== undefined || (training.busy !== null && !busy)}
              data-tip={readOnly}
              loading={busy && !training.waiting}
              onClick={begin}
            >
              {say(busy && training.waiting ? W.queued : W.train)}
            </Button>
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              disabled={readOnly !== undefined}
              data-tip={readOnly}
              onClick={() => edit(template)}
            >
              {say(W.edit)}
            </Button>
          </div>
        </>
      )}
    </article>
  );
}

/** A folder of one's own leads to the canvas, with its data in place: there the network is changed and trained. */
function Drop({ template, disabled }: { template: Template; disabled: boolean }) {
  const drop = DROPS[template.name];
  if (!drop) return null;
  const [source, argument] = drop;
  const placed = (path: string) => edit(template, [setting(`data.source.${source}.${argument}`, path)]);
  return <OwnData source={source} argument={argument} disabled={disabled} onPlaced={placed} />;
}

/** Title and text of a template: in the page's words where it knows it. */
export function titleOf(template: Template, say: ReturnType<typeof useSay>): [string, string] {
  const told = TOLD[template.name];
  return told ? [say(told.title), say(told.text)] : splitTitle(template);
}

/** Templates that the page does not know: `Title: what it is.` */
function splitTitle(template: Template): [string, string] {
  const [head = template.name, ...rest] = template.title.split(/: |\. /);
  return [head, rest.join(". ")];
}

/** Opens a document of the template; `settings` are written into a new one. */
export async function edit(template: Template, settings: string[] = []): Promise<void> {
  try {
    go(address("/edit", { file: await documentOf(template, settings), view: "draw" }));
  } catch (error) {
    tellError(error);
  }
}

/** What has to be known before it can train: where the data lie. */
function Needs({ template, training, back }: { template: Template; training: Training; back: () => void }) {
  const say = useSay();
  const needs = TOLD[template.name]?.needs ?? [];
  const download = DOWNLOADS[template.name];
  const [values, setValues] = useState(() => needs.map((need) => need.first));
  const [fetching, setFetching] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const settings = needs.map((need, place) => setting(need.setting, values[place] as string));
    if (download && fetching) settings.push(setting(download.setting, true));
    training.fromTemplate(template, settings);
  };
  const busy = training.busy === template.name;
  return (
    <form className="start-needs" onSubmit={submit}>
      {needs.map((need, place) => (
        <TextInput
          key={need.setting}
          label={say(need.label)}
          value={values[place]}
          required
          withAsterisk={false}
          data-autofocus={place === 0}
          onChange={(event) => setValues(values.with(place, event.currentTarget.value))}
        />
      ))}
      {download && (
        <Checkbox
          label={say(download.label)}
          checked={fetching}
          onChange={(event) => setFetching(event.currentTarget.checked)}
        />
      )}
      <div className="start-buttons">
        <Button size="xs" type="submit" variant="filled" loading={busy}>
          {say(W.train)}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={back}>
          {say(W.back)}
        </Button>
      </div>
    </form>
  );
}
