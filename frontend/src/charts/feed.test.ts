import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CurveQuery } from "../api/client";
import type { Points } from "../api/messages";
import type { View } from "./curve";
import { Feed, type Panel } from "./feed";

const socket = vi.hoisted(() => ({
  following: new Set<{ run: string; tags: string[]; onPoints: (points: Points) => void }>(),
}));
vi.mock("../api/live", () => ({
  knownUpTo: () => {},
  follow: (one: { run: string; tags: string[]; onPoints: (points: Points) => void }) => {
    socket.following.add(one);
    return () => socket.following.delete(one);
  },
}));

const VIEW: View = {
  x: "step",
  metric: null,
  low: null,
  high: null,
  width: 300,
  smoothing: 0,
  overlap: "last",
};

/** Curves as the server sends them: `recorded` points, y as x. */
let recorded = 3;
let calls: { queries: CurveQuery[]; signal: AbortSignal | null | undefined }[] = [];
let hold: Promise<void> = Promise.resolve();

function encoded(queries: readonly CurveQuery[]): ArrayBuffer {
  const part = {
    count: recorded,
    columns: ["x", "y"],
    total: recorded,
    exact: true,
    smooth_last: 0,
    smooth_count: 0,
    nonfinite: [],
    recorded,
    cursor: "c",
    error: null,
  };
  const head = new TextEncoder().encode(JSON.stringify({ parts: queries.map(() => part) }));
  const start = Math.ceil((4 + head.length) / 8) * 8;
  const bytes = new ArrayBuffer(start + queries.length * recorded * 16);
  new DataView(bytes).setUint32(0, head.length, true);
  new Uint8Array(bytes).set(head, 4);
  const numbers = new Float64Array(bytes, start);
  for (let at = 0; at < numbers.length; at++) numbers[at] = at % recorded;
  return bytes;
}

beforeEach(() => {
  [recorded, calls, hold] = [3, [], Promise.resolve()];
  socket.following.clear();
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    const { queries } = JSON.parse(init.body as string);
    calls.push({ queries, signal: init.signal });
    await hold;
    init.signal?.throwIfAborted();
    return new Response(encoded(queries));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const spec = (tag: string, run = "a") => ({ id: `${run} ${tag}`, runs: [run], tag });
const settled = () => vi.advanceTimersByTimeAsync(50);
const count = (panel: Panel, id = "a loss") => panel.curves.get(id)?.count;
const say = (first: number, more: Partial<Points> = {}) => {
  const series = { loss: { first, steps: [first], times: [first], values: [first] } };
  for (const one of [...socket.following])
    one.onPoints({ type: "points", run: "a", cursor: "", restart: false, series, ...more });
};

it("asks once for what is opened together, and tells each", async () => {
  const feed = new Feed();
  const changed = vi.fn();
  const first = feed.open([spec("loss")], VIEW, changed);
  const second = feed.open([spec("acc")], VIEW, changed);
  await settled();
  expect(calls.map(({ queries }) => queries.map(({ tag }) => tag))).toEqual([["loss", "acc"]]);
  expect([count(first), count(second, "a acc")]).toEqual([3, 3]);
  expect(changed).toHaveBeenCalledTimes(2);
});

it("brings the first charts of many curves before it asks for the others", async () => {
  const feed = new Feed();
  const many = (tag: string) => Array.from({ length: 40 }, (_, at) => spec(tag, `r${at}`));
  const first = feed.open(many("loss"), VIEW, () => {});
  feed.open(many("acc"), VIEW, () => {
    expect(first.fresh).toBe(true);
  });
  await settled();
  expect(calls.map(({ queries }) => queries.length)).toEqual([40, 40]);
});

it("takes new points at their place, drops those it has, and asks again where some are missing", async () => {
  const feed = new Feed();
  const panel = feed.open([spec("loss")], VIEW, () => {});
  await settled();
  say(3);
  say(2);
  expect(count(panel)).toBe(4);
  recorded = 9;
  say(7);
  expect(count(panel)).toBe(4);
  await vi.advanceTimersByTimeAsync(1100);
  expect(calls.length).toBe(2);
  expect(count(panel)).toBe(9);
});

it("keeps points that come while curves are on their way", async () => {
  let arrive = () => {};
  hold = new Promise((resolve) => {
    arrive = resolve;
  });
  const feed = new Feed();
  const panel = feed.open([spec("loss")], VIEW, () => {});
  await settled();
  say(3);
  expect(count(panel)).toBeUndefined();
  arrive();
  await settled();
  expect(count(panel)).toBe(4);
});

it("asks again, once a second at most, when points were replaced", async () => {
  const feed = new Feed();
  feed.open([spec("loss")], VIEW, () => {});
  await settled();
  say(0, { restart: true, series: {} });
  say(0, { restart: true, series: {} });
  await vi.advanceTimersByTimeAsync(500);
  expect(calls.length).toBe(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(calls.length).toBe(2);
});

it("stops a call whose answer nobody waits for, and drops what came late", async () => {
  hold = new Promise(() => {});
  const feed = new Feed();
  const panel = feed.open([spec("loss")], VIEW, () => {});
  await settled();
  feed.change(panel, [spec("acc")], VIEW);
  expect(calls[0]?.signal?.aborted).toBe(true);
  hold = Promise.resolve();
  await settled();
  expect([...panel.curves.keys()]).toEqual(["a acc"]);
});

it("follows the tags in view, of each run once", async () => {
  const feed = new Feed();
  const first = feed.open([spec("loss"), spec("loss", "b")], VIEW, () => {});
  feed.open([spec("acc")], VIEW, () => {});
  const tags = () => Object.fromEntries([...socket.following].map((one) => [one.run, one.tags]));
  expect(tags()).toEqual({ a: ["acc", "loss"], b: ["loss"] });
  feed.close(first);
  expect(tags()).toEqual({ a: ["acc"] });
  feed.closeAll();
  expect(tags()).toEqual({});
});

it("says what the server refuses, and tries again when it is away", async () => {
  const feed = new Feed();
  vi.stubGlobal(
    "fetch",
    async () => new Response(JSON.stringify({ message: "no", problems: [] }), { status: 400 }),
  );
  const refused = feed.open([spec("loss")], VIEW, () => {});
  await settled();
  expect(refused.error).toBe("no");
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("away");
  });
  const waiting = feed.open([spec("loss")], VIEW, () => {});
  await settled();
  expect(waiting.error).toContain("does not answer");
  vi.stubGlobal(
    "fetch",
    async (_path: string, init: RequestInit) =>
      new Response(encoded(JSON.parse(init.body as string).queries)),
  );
  await vi.advanceTimersByTimeAsync(1100);
  expect([waiting.error, count(waiting)]).toEqual([null, 3]);
});
