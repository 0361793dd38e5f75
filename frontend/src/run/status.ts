import type { Run } from "../api/messages";
import type { Words } from "../ui/words";

export type Status = Run["status"];

/** What a status is called, its colour, and what one can do next. */
export const STATUS: Record<Status, { name: Words; color: string; next: Words | null }> = {
  new: {
    name: ["starting", "正在启动"],
    color: "blue",
    next: ["The process has started; the first step comes soon.", "进程已启动，很快会有第一步的结果。"],
  },
  running: { name: ["running", "运行中"], color: "blue", next: null },
  done: { name: ["done", "已完成"], color: "green", next: null },
  stopped: {
    name: ["stopped", "已停止"],
    color: "gray",
    next: [
      "Stopped on request. Resume goes on from its last checkpoint.",
      "已按要求停止。“继续训练”会从最近的检查点接着训练。",
    ],
  },
  failed: {
    name: ["failed", "失败"],
    color: "red",
    next: [
      "Fix what the error says, then train again with Edit as new, or resume from the last checkpoint.",
      "请根据错误信息修正，然后用“复制并编辑”重新训练，或从最近的检查点继续训练。",
    ],
  },
  interrupted: {
    name: ["interrupted", "已中断"],
    color: "orange",
    next: [
      "The process ended without a word (power, memory, kill). Resume goes on from the last checkpoint.",
      "进程意外结束（断电、内存不足或被 kill），“继续训练”会从最近的检查点接着训练。",
    ],
  },
  unknown: {
    name: ["log", "日志"],
    color: "gray",
    next: [
      "Event files do not say whether the program that writes them still runs.",
      "事件文件中没有记录写入它的程序是否仍在运行。",
    ],
  },
  damaged: {
    name: ["damaged", "已损坏"],
    color: "red",
    next: [
      "Part of this run cannot be read; what is whole is shown.",
      "此运行有部分内容无法读取，其余部分正常显示。",
    ],
  },
};

type Doable = Pick<Run, "status" | "own" | "document">;

/** What can be done with a run as it is; one of somebody's own loop goes on where it was started. */
export function actions({ status, own, document }: Doable): {
  stop: boolean;
  resume: boolean;
  edit: boolean;
} {
  const active = status === "running" || status === "new";
  return { stop: own && active, resume: document && !active && status !== "damaged", edit: document };
}

/** What one can do next, in a sentence. */
export function nextOf(run: Doable): Words | null {
  const resumed = run.status === "stopped" || run.status === "failed" || run.status === "interrupted";
  return resumed && !actions(run).resume ? null : STATUS[run.status].next;
}

/** How much of a run is done, 0 to 1; null where nobody knows how much there will be. */
export function progress(run: Pick<Run, "status" | "epoch" | "epochs">): number | null {
  if (run.status === "done") return 1;
  if (run.epoch === null || !run.epochs) return null;
  return Math.min(1, Math.max(0, run.epoch / run.epochs));
}

/** How many epochs to suggest when a run goes on: those that are missing, or half as many again. */
export function suggestedEpochs(run: Pick<Run, "epoch" | "epochs">): number {
  const planned = run.epochs ?? run.epoch ?? 10;
  return (run.epoch ?? 0) < planned ? planned : planned + Math.max(1, Math.ceil(planned / 2));
}
