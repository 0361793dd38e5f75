import { useEffect, useState } from "react";
import { get } from "../api/client";
import { useLive } from "../api/live";
import type { Schema } from "./schema";

const known = new Map<string, Promise<Schema>>();

/** The schema of experiments, or of models alone: each asked for once of each start of the server. */
export function useSchema(model: boolean): Schema | null {
  const version = useLive((live) => live.session?.instance ?? "");
  const [schema, setSchema] = useState<Schema | null>(null);
  useEffect(() => {
    const key = `${version} ${model}`;
    const asked = known.get(key) ?? get<Schema>("schema", { model: String(model) });
    known.set(key, asked);
    let left = false;
    asked.then(
      (found) => left || setSchema(found),
      () => {
        known.delete(key); // completion is missing, editing goes on; the next document asks again
      },
    );
    return () => {
      left = true;
    };
  }, [version, model]);
  return schema;
}
