import type { Refusal, SeriesHeader, SeriesPart, SeriesQuery } from "./messages";

/** What the server refused, in one sentence; `status` 0: it did not answer. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    readonly refusal: Refusal,
  ) {
    super(refusal.message);
  }
}

type Query = Record<string, string | number | readonly string[] | null | undefined>;

export function url(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item));
  }
  const text = params.toString();
  return `/api/${path}${text ? `?${text}` : ""}`;
}

async function call(path: string, query: Query, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url(path, query), init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RefusedError(0, { message: "the server does not answer", problems: [], stored: null });
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  let refusal: Refusal;
  try {
    refusal = JSON.parse(text);
  } catch {
    refusal = { message: `${answer.status} ${answer.statusText}`, problems: [], stored: null };
  }
  throw new RefusedError(answer.status, refusal);
}

/** Bytes as they are. */
export async function getBlob(path: string, query: Query = {}, signal?: AbortSignal): Promise<Blob> {
  return (await call(path, query, signal ? { signal } : {})).blob();
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await call(path, query, signal ? { signal } : {})).json();
}

/** Sends JSON, or bytes as they are; what comes back as JSON, undefined where nothing does. */
export async function send<T>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  query: Query = {},
  signal?: AbortSignal,
): Promise<T> {
  const raw = body instanceof Blob;
  const init: RequestInit = { method };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = raw ? body : JSON.stringify(body);
    init.headers = { "content-type": raw ? body.type || "application/octet-stream" : "application/json" };
  }
  const text = await (await call(path, query, init)).text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** One curve as it came: the head and its columns by name. */
export interface Curve extends SeriesPart {
  data: Partial<Record<SeriesPart["columns"][number], Float64Array>>;
}

export type CurveQuery = Pick<SeriesQuery, "runs" | "tag"> & Partial<SeriesQuery>;

/** The curves of many queries in one call; their numbers come as bytes. */
export async function curves(queries: readonly CurveQuery[], signal?: AbortSignal): Promise<Curve[]> {
  const init: RequestInit = {
    method: "POST",
    body: JSON.stringify({ queries }),
    headers: { "content-type": "application/json" },
  };
  if (signal) init.signal = signal;
  const answer = await call("series", {}, init);
  return parseCurves(await answer.arrayBuffer());
}

/** u32 length of the header, the header as JSON, padding to a multiple of 8, then float64 columns. */
export function parseCurves(bytes: ArrayBuffer): Curve[] {
  const length = new DataView(bytes).getUint32(0, true);
  const header: SeriesHeader = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  let at = Math.ceil((4 + length) / 8) * 8;
  return header.parts.map((part) => {
    const data: Curve["data"] = {};
    for (const column of part.columns) {
      data[column] = new Float64Array(bytes, at, part.count);
      at += 8 * part.count;
    }
    return { ...part, data };
  });
}
