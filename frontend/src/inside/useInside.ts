import { useEffect, useState } from "react";
import { create } from "zustand";
import { get } from "../api/client";
import { follow, useLive } from "../api/live";
import type { LiveLayers } from "../api/messages";
import { byPath, type Measured, type Middles, middlesOf, UNKNOWN } from "./health";
import { told, useConnected } from "./told";

/** What was measured last of the run that is looked into. */
interface Look {
  run: string;
  live: LiveLayers | null;
  measured: ReadonlyMap<string, Measured>;
  middles: Middles;
}

const NOTHING: Look = { run: "", live: null, measured: new Map(), middles: UNKNOWN };
const AGAIN = 1000;

export const useLook = create<Look>(() => NOTHING);

/** What has not changed stays the same object: only nodes with news are drawn again. */
function take(run: string, live: LiveLayers): void {
  const before = useLook.getState();
  const known = before.run === run ? before.measured : NOTHING.measured;
  const measured = byPath(live.layers);
  for (const [path, one] of measured) {
    const old = known.get(path);
    if (old && JSON.stringify(old) === JSON.stringify(one)) measured.set(path, old);
  }
  const document = before.live?.document === live.document ? before.live.document : live.document;
  useLook.setState({ run, live: { ...live, document }, measured, middles: middlesOf(live.layers) });
}

/** Asks for what was measured whenever the run has news, once a second at most; why it could not be had. */
export function useInside(run: string): string {
  const [error, setError] = useState("");
  const contents = useLive((live) => live.contents.get(run));
  const connected = useConnected();
  const [asking] = useState(() => new Asking());
  useEffect(() => {
    asking.begin(run, setError);
    const stop = follow({ run, tags: ["step/gradient_norm", "epoch"], onPoints: asking.news });
    return () => {
      stop();
      asking.end();
    };
  }, [asking, run]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other contents, or a server that is back, are news
  useEffect(() => asking.news(), [asking, contents, connected]);
  return error;
}

class Asking {
  private run = "";
  private tell: (error: string) => void = () => {};
  private asked = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** an answer is on its way; `missed`: there was news since it was asked for */
  private busy = false;
  private missed = false;
  private abort = new AbortController();

  begin(run: string, tell: (error: string) => void): void {
    Object.assign(this, { run, tell, asked: Number.NEGATIVE_INFINITY });
    if (useLook.getState().run !== run) useLook.setState({ ...NOTHING, run });
    this.news();
  }

  end(): void {
    clearTimeout(this.timer);
    Object.assign(this, { timer: undefined, busy: false, missed: false });
    this.abort.abort();
    this.run = "";
  }

  news = (): void => {
    if (!this.run || this.timer !== undefined) return;
    this.missed = this.busy;
    if (this.busy) return;
    this.timer = setTimeout(this.ask, Math.max(0, this.asked + AGAIN - performance.now()));
  };

  private ask = async (): Promise<void> => {
    const { run } = this;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.asked = performance.now();
    Object.assign(this, { timer: undefined, busy: true });
    try {
      take(run, await get<LiveLayers>("inside", { run }, signal));
      this.tell("");
    } catch (error) {
      if (signal.aborted) return;
      this.tell(told(error));
    }
    this.busy = false;
    if (this.missed) this.news();
  };
}
