import { type MouseEvent, useState } from "react";
import { useLive } from "../api/live";
import type { Job, Queue } from "../api/messages";
import { tellError } from "../ui/notices";

/** The job that trains a run, or waits to go on with it; undefined where none does. */
export function useJobOf(run: string): Job | undefined {
  return useLive((live) => live.queue?.jobs.find((job) => job.run === run && job.state !== "ended"));
}

/** A button's call that changes the queue, one at a time. */
export function useQueueCall(call: () => Promise<Queue>) {
  const [busy, setBusy] = useState(false);
  const onClick = (event: MouseEvent) => {
    // The second click of a double one is none: by then the button may say something stronger.
    if (busy || event.detail > 1) return;
    setBusy(true);
    call()
      .then((queue) => useLive.setState({ queue }), tellError)
      .finally(() => setBusy(false));
  };
  return { disabled: busy, onClick };
}
