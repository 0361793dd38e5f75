import { RefusedError } from "../api/client";
import { useLive } from "../api/live";

/** Why an answer did not come; empty: the server is away, which the page says above, and what is shown stays. */
export function told(error: unknown): string {
  if (!(error instanceof RefusedError)) return String(error);
  return error.status === 0 ? "" : error.message;
}

/** Whether the server is there; what it was asked in vain is asked again when it is back. */
export function useConnected(): boolean {
  return useLive((live) => live.connection === "open");
}
