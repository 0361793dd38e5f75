import { useEffect, useState } from "react";
import { RefusedError, send } from "../api/client";
import { useLive } from "../api/live";
import type { Checked } from "../api/messages";

const QUIET = 300;

export interface Checking {
  /** what the last check said; it stays while a newer text is checked */
  checked: Checked | null;
  /** the last one that described a network: it stays while a new one has problems */
  whole: Checked | null;
  busy: boolean;
  refused: string;
}

/** What `torchwork check` says of the text as it is, a little after the last key; not `on`: nobody looks at it. */
export function useChecked(path: string, text: string, on = true): Checking {
  const [checking, setChecking] = useState<Checking>({
    checked: null,
    whole: null,
    busy: true,
    refused: "",
  });
  const connected = useLive((live) => live.connection === "open");
  useEffect(() => {
    if (!connected || !on) return;
    const abort = new AbortController();
    setChecking((before) => ({ ...before, busy: true }));
    const timer = setTimeout(() => {
      send<Checked>("POST", "check", { text, path }, {}, abort.signal).then(
        (checked) =>
          setChecking(({ whole }) => ({
            checked,
            whole: checked.layers.length > 0 ? checked : whole,
            busy: false,
            refused: "",
          })),
        (error) => {
          if (abort.signal.aborted) return;
          const refused = error instanceof RefusedError ? error.message : String(error);
          setChecking((before) => ({ ...before, busy: false, refused }));
        },
      );
    }, QUIET);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path, text, connected, on]);
  return checking;
}
