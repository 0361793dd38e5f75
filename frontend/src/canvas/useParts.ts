import { useEffect, useMemo, useState } from "react";
import { get } from "../api/client";
import { useLive } from "../api/live";
import type { PartForm, Parts } from "../api/messages";
import { type ToldPart, useTold } from "../ui/wordsOfParts";

const known = new Map<string, Promise<Parts>>();
/** Those told last: there is no form without them, also while the server is away. */
let last: readonly PartForm[] = [];

export interface Catalog {
  list: readonly ToldPart[];
  byName: ReadonlyMap<string, ToldPart>;
}

/** The parts that can stand on a sheet, as soon as the server has told them. */
export async function partsByName(): Promise<ReadonlyMap<string, PartForm>> {
  const version = useLive.getState().session?.instance ?? "";
  const { parts } = await asked(version);
  return new Map(parts.filter(onSheet).map((part) => [part.name, part]));
}

function asked(version: string): Promise<Parts> {
  const parts = known.get(version) ?? get<Parts>("parts");
  known.set(version, parts);
  parts.catch(() => known.delete(version));
  return parts;
}

const onSheet = ({ kind }: PartForm) => ["layer", "operation", "tensor"].includes(kind);

/** All parts, in the person's language: asked for once of each start of the server. */
export function usePartForms(): readonly ToldPart[] {
  const version = useLive((live) => live.session?.instance ?? "");
  const connected = useLive((live) => live.connection === "open");
  const [parts, setParts] = useState(last);
  useEffect(() => {
    if (!connected) return;
    let left = false;
    asked(version).then(
      (found) => {
        last = found.parts;
        if (!left) setParts(found.parts);
      },
      () => {}, // asked for again when the connection is back
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
    const list = parts.filter(onSheet);
    return { list, byName: new Map(list.map((part) => [part.name, part])) };
  }, [parts]);
}
