import type { Job } from "../api/messages";

const RANK = { running: 0, stopping: 0, queued: 1, ended: 2 } as const;

/** What runs, then what waits in the order of the queue, then what has ended, the last first. */
export function ordered(jobs: readonly Job[]): Job[] {
  const among = (rank: number) => jobs.filter((job) => RANK[job.state] === rank);
  return [...among(0), ...among(1), ...among(2).sort((a, b) => b.ended.localeCompare(a.ended))];
}

/** How many run, those that are stopping too, and how many wait. */
export function counted(jobs: readonly Job[]): { running: number; queued: number } {
  const count = (rank: number) => jobs.filter((job) => RANK[job.state] === rank).length;
  return { running: count(0), queued: count(1) };
}
