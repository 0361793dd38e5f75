import { useEffect, useState } from "react";
import { get } from "../api/client";
import { useLive } from "../api/live";
import type { Schema } from "./schema";

let known: { version: string; schema: Promise<Schema> } | null = null;

/** The schema of documents: asked for once for each version of the server. */
export function useSchema(): Schema | null {
  const version = useLive((live) => live.session?.instance ?? "");
  const [schema, setSchema] = useState<Schema | null>(null);
  useEffect(() => {
    if (known?.version !== version) known = { version, schema: get<Schema>("schema") };
    const asked = known;
    let left = false;
    asked.schema.then(
      (found) => left || setSchema(found),
      () => {
        if (known === asked) known = null; // completion is missing, editing goes on; the next document asks again
      },
    );
    return () => {
      left = true;
    };
  }, [version]);
  return schema;
}
