import { useEffect } from "react";
import { useLive } from "../api/live";

/** What the browser's tab says: what is seen, and of which folder. */
export function useTitle(text: string): void {
  const folder = useLive((live) => live.session?.name ?? "");
  useEffect(() => {
    document.title = [text, folder, "Torchwork"].filter(Boolean).join(" · ");
  }, [text, folder]);
}
