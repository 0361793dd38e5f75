import { send } from "../api/client";
import { useLive } from "../api/live";
import type { Deleted, Run, RunChange } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { say, type Words } from "../ui/words";

const W = {
  deleted: ["{count} run(s) moved to the trash.", "已将 {count} 个运行移到回收站。"],
  archived: ["{count} run(s) archived.", "已归档 {count} 个运行。"],
  unarchived: ["{count} run(s) are back from the archive.", "已取消归档 {count} 个运行。"],
  undo: ["Undo", "撤销"],
} satisfies Record<string, Words>;

/** Changes what a person can change of a run; says what was refused. */
export async function changeRun(run: string, change: Partial<RunChange>): Promise<boolean> {
  try {
    keep(await send<Run>("PATCH", "run", change, { run }));
    return true;
  } catch (error) {
    tellError(error);
    return false;
  }
}

/** What was changed is seen at once; the same comes over the socket a little later. */
function keep(run: Run): void {
  useLive.setState((live) => ({ runs: new Map(live.runs).set(run.id, run) }));
}

export async function deleteRuns(runs: readonly string[]): Promise<void> {
  try {
    const deleted = await send<Deleted>("POST", "runs/delete", { runs });
    notify(say(W.deleted, { count: deleted.runs.length }), "done", {
      label: say(W.undo),
      run: () => void restore(deleted.undo),
    });
  } catch (error) {
    tellError(error);
  }
}

async function restore(undo: string): Promise<void> {
  try {
    await send("POST", "runs/restore", undefined, { undo });
  } catch (error) {
    tellError(error);
  }
}

/** Archives runs or takes them back; one refusal does not keep the others. */
export async function archiveRuns(runs: readonly Run[], archived: boolean): Promise<void> {
  const done = await Promise.all(
    runs.map(async (run) => ((await changeRun(run.id, { archived })) ? run : null)),
  );
  const changed = done.filter((run) => run !== null);
  if (!changed.length) return;
  notify(say(archived ? W.archived : W.unarchived, { count: changed.length }), "done", {
    label: say(W.undo),
    run: () => void Promise.all(changed.map((run) => changeRun(run.id, { archived: !archived }))),
  });
}
