import { useEffect, useState } from "react";
import { get, RefusedError } from "../api/client";
import type { Argument, Import } from "../api/messages";

const PACE = 400;
const AWAY = [0, 502, 503, 504];

/** An import as it goes on: asked again and again until it has ended, also over a reload of the page. */
export function useImport(id: string): { told: Import | null; refused: string } {
  const [told, setTold] = useState<Import | null>(null);
  const [refused, setRefused] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setTold(null);
    setRefused("");
    const ask = async () => {
      try {
        const found = await get<Import>("import", { id }, abort.signal);
        setTold(found);
        if (found.state === "running") timer = setTimeout(ask, PACE);
      } catch (error) {
        if (abort.signal.aborted) return;
        if (error instanceof RefusedError && AWAY.includes(error.status)) timer = setTimeout(ask, 5 * PACE);
        else setRefused(error instanceof Error ? error.message : String(error));
      }
    };
    ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id]);
  return { told, refused };
}

/** The arguments that a person gave, as Python writes a call; what is empty keeps its default. */
export function callOf(args: readonly Argument[], given: Readonly<Record<string, string>>): string {
  return args
    .map(({ name }) => [name, given[name]?.trim()] as const)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** Those that must be given and are not. */
export function missing(args: readonly Argument[], given: Readonly<Record<string, string>>): string[] {
  return args.filter((one) => one.required && !given[one.name]?.trim()).map((one) => one.name);
}

/** A difference as one says it: exactly 0, or its size. */
export function differ(value: number | null): string {
  if (value === null) return "";
  return value === 0 ? "0" : value.toExponential(1);
}
