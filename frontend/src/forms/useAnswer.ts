import { useEffect, useState } from "react";
import { RefusedError, send } from "../api/client";
import { useLive } from "../api/live";

export interface Answer<T> {
  /** the last one, which stays while another is on its way */
  value: T | null;
  busy: boolean;
  refused: string;
}

interface Given<T> extends Omit<Answer<T>, "busy"> {
  /** the question */
  to: string;
}

const AWAY = [0, 502, 503, 504];

/** What the server says to a question, asked anew whenever it changes; null asks nothing. */
export function useAnswer<T>(path: string, question: object | null): Answer<T> {
  const connected = useLive((live) => live.connection === "open");
  const body = question ? JSON.stringify(question) : "";
  const [answer, setAnswer] = useState<Given<T>>({ value: null, refused: "", to: "" });
  useEffect(() => {
    if (!body || !connected) return;
    const abort = new AbortController();
    send<T>("POST", path, JSON.parse(body), {}, abort.signal).then(
      (value) => setAnswer({ value, refused: "", to: body }),
      (error) => {
        // a server that is away is asked again when it is back
        const away = error instanceof RefusedError && AWAY.includes(error.status);
        if (!abort.signal.aborted && !away)
          setAnswer({ value: null, refused: String(error.message), to: body });
      },
    );
    return () => abort.abort();
  }, [path, body, connected]);
  const { value, refused, to } = answer;
  return { value, refused, busy: body !== "" && to !== body };
}
