import { useEffect, useMemo, useState } from "react";
import { get } from "../api/client";
import { useLive } from "../api/live";
import type { PartForm, Parts } from "../api/messages";
import { type ToldPart, useTold } from "../ui/wordsOfParts";

const known = new Map<string, Promise<Parts>>();
const NONE: readonly PartForm[] = [];

export interface Catalog {
  list: readonly ToldPart[];
  byName: ReadonlyMap<string, ToldPart>;
}

/** All parts, in the person's language: asked for once of each start of the server. */
export function usePartForms(): readonly ToldPart[] {
  const version = useLive((live) => live.session?.instance ?? "");
  const connected = useLive((live) => live.connection === "open");
  const [parts, setParts] = useState<readonly PartForm[]>(NONE);
  useEffect(() => {
    if (!connected) return;
    let left = false;
    const asked = known.get(version) ?? get<Parts>("parts");
    known.set(version, asked);
    asked.then(
      (found) => left || setParts(found.parts),
      () => known.delete(version),
    );
    return () => {
      left = true;
    };
  }, [version, connected]);
  return useTold(parts);
}

/** What can stand on a sheet. */
export function useParts(): Catalog {
  const parts = usePartForms();
  return useMemo(() => {
    const list = parts.filter(({ kind }) => ["layer", "operation", "tensor"].includes(kind));
    return { list, byName: new Map(list.map((part) => [part.name, part])) };
  }, [parts]);
}
