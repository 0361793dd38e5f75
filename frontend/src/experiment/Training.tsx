import { Button } from "@mantine/core";
import type { Job } from "../api/messages";
import { Link } from "../ui/Link";
import { address } from "../ui/route";
import { Spinner } from "../ui/Spinner";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";

const W = {
  queued: ["In the queue: it starts when a training before it ends.", "已加入队列，前面的训练结束后开始。"],
  starting: [
    "The training starts; its run opens as soon as it is there.",
    "训练正在启动，就绪后会自动打开该运行。",
  ],
  failed: ["The training did not start:", "训练未能启动："],
  ended: ["The training has ended.", "训练已结束。"],
  open: ["Open the run", "打开运行"],
  close: ["Close", "关闭"],
} satisfies Record<string, Words>;

/** What becomes of a training that was started here. */
export function Training({ job, onClose }: { job: Job | null; onClose: () => void }) {
  const say = useSay();
  const said = useSaid();
  if (!job) return null;
  const waits = job.state === "queued" ? W.queued : W.starting;
  return (
    <div className={job.error ? "edit-refused" : "edit-note"} role="status">
      {job.state === "ended" ? (
        <span className="edit-words">
          {job.error ? `${say(W.failed)} ${said(job.error)}` : say(W.ended)}{" "}
          {job.run && <Link href={address("/run", { run: job.run })}>{say(W.open)}</Link>}
        </span>
      ) : (
        <>
          <Spinner /> <span className="edit-words">{say(waits)}</span>
        </>
      )}
      <Button onClick={onClose}>{say(W.close)}</Button>
    </div>
  );
}
