import type { ExplainRequest } from "../api/messages";
import type { Region } from "./ExplainRegion";

/** What a person has chosen, beside the picture. */
export type Wish = Pick<ExplainRequest, "method" | "layer" | "target" | "region" | "input">;

/** What is asked of a picture, as the address has it. */
export function readWish(params: URLSearchParams): Omit<Wish, "method"> {
  const target = /^\d{1,9}$/.exec(params.get("target") ?? "");
  return {
    layer: params.get("at") ?? "",
    target: target ? Number(target[0]) : null,
    region: readRegion(params.get("region") ?? ""),
    input: params.get("input") ?? "",
  };
}

function readRegion(text: string): Region | null {
  const numbers = /^\d{1,6}(,\d{1,6}){3}$/.test(text) ? text.split(",").map(Number) : [];
  const [x1, y1, x2, y2] = numbers;
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return null;
  return x2 > x1 && y2 > y1 ? [x1, y1, x2, y2] : null;
}

/** The same as parameters of the address; null: there is none. */
export function written({
  layer,
  target,
  region,
  input,
}: Wish): Record<"at" | "target" | "region" | "input", string | null> {
  return {
    at: layer || null,
    target: target === null ? null : String(target),
    region: region ? region.join(",") : null,
    input: input || null,
  };
}
