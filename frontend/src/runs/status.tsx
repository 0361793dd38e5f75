import type { Run } from "../api/messages";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import "./runs.css";

/** What a run is doing, in words. */
export const STATUS = {
  new: ["new", "刚创建"],
  running: ["running", "运行中"],
  done: ["done", "已完成"],
  stopped: ["stopped", "已停止"],
  failed: ["failed", "失败"],
  interrupted: ["interrupted", "已中断"],
  unknown: ["log", "日志"],
  damaged: ["damaged", "已损坏"],
} satisfies Record<Run["status"], Words>;

const SHAPE: Record<Run["status"], string> = {
  new: "○",
  running: "▶",
  done: "✓",
  stopped: "■",
  failed: "✕",
  interrupted: "!",
  unknown: "·",
  damaged: "✕",
};

/** A run's status as a small sign: told by its shape too, not by colour alone. */
export function StatusLamp({ run }: { run: Pick<Run, "status" | "error"> }) {
  const say = useSay();
  const said = useSaid();
  const words = say(STATUS[run.status]);
  return (
    <span
      className={`runs-lamp ${run.status}`}
      role="img"
      aria-label={words}
      title={run.error ? `${words}: ${said(run.error)}` : words}
    >
      {SHAPE[run.status]}
    </span>
  );
}
