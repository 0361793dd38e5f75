import { useEffect, useState } from "react";
import { RefusedError, send } from "../api/client";
import { useLive } from "../api/live";

export interface Answer<T> {
  /** the last one, which stays while another is on its way */
  value: T | null;
  busy: boolean;
  refused: string;
}

const AWAY = [0, 502, 503, 504];

/** What the server says to a question, asked anew whenever it changes; null asks nothing. */
export function useAnswer<T>(path: string, question: object | null): Answer<T> {
  const connected = useLive((live) => live.connection === "open");
  const [answer, setAnswer] = useState<Answer<T>>({ value: null, busy: question !== null, refused: "" });
  const body = question ? JSON.stringify(question) : "";
  useEffect(() => {
    if (!body || !connected) return;
    const abort = new AbortController();
    setAnswer((before) => ({ ...before, busy: true }));
    send<T>("POST", path, JSON.parse(body), {}, abort.signal).then(
      (value) => setAnswer({ value, busy: false, refused: "" }),
      (error) => {
        if (abort.signal.aborted) return;
        const away = error instanceof RefusedError && AWAY.includes(error.status);
        setAnswer((before) => ({
          value: away ? before.value : null,
          busy: away,
          refused: away ? "" : String(error.message),
        }));
      },
    );
    return () => abort.abort();
  }, [path, body, connected]);
  return answer;
}
