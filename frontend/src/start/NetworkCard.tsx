import { Button } from "@mantine/core";
import type { Template } from "../api/messages";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { StructurePicture } from "./StructurePicture";
import { edit, titleOf } from "./TemplateCard";
import type { Training } from "./useTraining";

const W = {
  open: ["Open", "打开"],
  train: ["Train", "训练"],
  queued: ["In the queue…", "排队中…"],
} satisfies Record<string, Words>;

/** A well-known network as a small card: it opens on the canvas, and can be trained as it is. */
export function NetworkCard({ template, training }: { template: Template; training: Training }) {
  const say = useSay();
  const readOnly = useReadOnly();
  const busy = training.busy === template.name;
  const [title, text] = titleOf(template, say);
  return (
    <article className="panel start-card start-network">
      <StructurePicture template={template} />
      <h3>{title}</h3>
      <p title={text}>{text}</p>
      <div className="start-buttons">
        <Button
          disabled={readOnly !== undefined}
          data-tip={readOnly}
          onClick={() => edit(template)}
          aria-label={`${say(W.open)} ${title}`}
        >
          {say(W.open)}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          disabled={readOnly !== undefined || (training.busy !== null && !busy)}
          data-tip={readOnly}
          loading={busy && !training.waiting}
          onClick={() => training.fromTemplate(template, [])}
          aria-label={`${say(W.train)} ${title}`}
        >
          {say(busy && training.waiting ? W.queued : W.train)}
        </Button>
      </div>
    </article>
  );
}
