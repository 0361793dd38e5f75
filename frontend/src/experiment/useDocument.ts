import { useEffect, useState, useSyncExternalStore } from "react";
import { useLive } from "../api/live";
import { tellError } from "../ui/notices";
import { type Open, OpenDocument } from "./document";
import { isDirty } from "./editing";

const never = () => () => {};

/** The document at a path, kept up to date with its file, with other windows, and with the server's comings and goings. */
export function useDocument(
  folder: string,
  path: string,
): { document: OpenDocument | null; open: Open | null } {
  const [document, setDocument] = useState<OpenDocument | null>(null);
  useEffect(() => {
    const made = new OpenDocument(folder, path);
    setDocument(made);
    made.refresh().catch(tellError);
    return () => made.close();
  }, [folder, path]);
  const open = useSyncExternalStore(document?.subscribe ?? never, () => document?.get() ?? null);
  const modified = useLive((live) => live.documents?.find((file) => file.path === path)?.modified ?? "");
  const connection = useLive((live) => live.connection);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another time of the file means another content
  useEffect(() => {
    document?.refresh().catch(tellError);
  }, [document, modified]);
  useEffect(() => {
    if (connection === "open") document?.back().catch(tellError);
  }, [document, connection]);
  useLeaving(document);
  return { document, open };
}

/** What was written last is put away when the window goes; one is asked only where there was no room for it. */
function useLeaving(document: OpenDocument | null): void {
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      document?.flush();
      const open = document?.get();
      if (open && !open.kept && isDirty(open.editing)) event.preventDefault();
    };
    const hide = () => document?.flush();
    window.addEventListener("beforeunload", leave);
    window.addEventListener("pagehide", hide);
    return () => {
      window.removeEventListener("beforeunload", leave);
      window.removeEventListener("pagehide", hide);
    };
  }, [document]);
}
