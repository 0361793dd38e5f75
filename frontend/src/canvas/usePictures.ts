import { useEffect, useState } from "react";
import { send } from "../api/client";
import type { NodePictures } from "../api/messages";
import { tellError } from "../ui/notices";

const NONE: NodePictures = { pictures: {}, input: "", why: "" };

/** What each node of a level gives on a real sample; the last ones stay while new ones come. */
export function usePictures(
  on: boolean,
  path: string,
  text: string,
  level: string,
  instance: string,
): NodePictures {
  const [found, setFound] = useState<NodePictures>(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another level has other nodes
  useEffect(() => setFound(NONE), [on, level, instance]);
  useEffect(() => {
    if (!on || !text) return;
    const abort = new AbortController();
    const body = { text, path, level, instance, sample: 0 };
    send<NodePictures>("POST", "node-pictures", body, {}, abort.signal).then(setFound, (error) => {
      if (!abort.signal.aborted) tellError(error);
    });
    return () => abort.abort();
  }, [on, path, text, level, instance]);
  return found;
}
