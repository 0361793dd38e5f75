import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { News, Points } from "./messages";

/** The page's end of a connection; the test is the server. */
class Socket {
  static readonly OPEN = 1;
  static all: Socket[] = [];
  readyState = 0;
  sent: { watch: { run: string; cursor: string; tags: string[] | null; console: number | null }[] }[] = [];
  onopen = () => {};
  onclose = () => {};
  onmessage: (event: { data: string }) => void = () => {};

  constructor() {
    Socket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  open(): void {
    this.readyState = 1;
    this.onopen();
  }
  say(news: News): void {
    this.onmessage({ data: JSON.stringify(news) });
  }
  close(): void {
    this.readyState = 3;
    this.onclose();
  }
}

const last = () => Socket.all.at(-1) as Socket;
const points = (cursor: string, first = 0): Points => ({
  type: "points",
  run: "a",
  cursor,
  restart: false,
  series: { loss: { first, steps: [first], times: [1], values: [0.5] } },
});

let live: typeof import("./live");

beforeEach(async () => {
  Socket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
  vi.resetModules();
  live = await import("./live");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("drops of a console what is known already, counted in bytes", () => {
  const news = { text: "损失 0.1\n", begin: 10, offset: 21 };
  expect(live.unseen(news, 10)).toBe("损失 0.1\n");
  expect(live.unseen(news, 0)).toBe("损失 0.1\n");
  expect(live.unseen(news, 16)).toBe(" 0.1\n");
  expect(live.unseen(news, 21)).toBe("");
  expect(live.unseen(news, 30)).toBe("");
});

it("goes on from its cursors after the connection was lost", async () => {
  const seen: string[] = [];
  live.follow({ run: "a", tags: ["loss"], onPoints: ({ cursor }) => seen.push(cursor) });
  live.connect();
  live.knownUpTo("a", "c0");
  last().open();
  expect(last().sent.at(-1)?.watch).toEqual([{ run: "a", cursor: "c0", tags: ["loss"], console: null }]);
  last().say(points("c1"));
  last().close();
  expect(live.useLive.getState().connection).toBe("lost");
  await vi.advanceTimersByTimeAsync(600);
  expect(Socket.all.length).toBe(2);
  last().open();
  expect(last().sent.at(-1)?.watch[0]?.cursor).toBe("c1");
  last().say(points("c2", 1));
  expect(seen).toEqual(["c1", "c2"]);
  expect(live.useLive.getState().connection).toBe("open");
});

it("follows a console on from the byte it has, and shows nothing twice", async () => {
  let text = "";
  live.follow({ run: "a", tags: [], console: 0, onConsole: (more) => (text += more) });
  live.connect();
  last().open();
  last().say({ type: "console", run: "a", begin: 0, offset: 4, text: "one\n", restart: false });
  last().close();
  await vi.advanceTimersByTimeAsync(600);
  last().open();
  expect(last().sent.at(-1)?.watch[0]?.console).toBe(4);
  last().say({ type: "console", run: "a", begin: 0, offset: 8, text: "one\ntwo\n", restart: false });
  expect(text).toBe("one\ntwo\n");
});

it("asks for all tags that the parts of the page follow, each once; those that left no more", async () => {
  live.connect();
  last().open();
  const stop = live.follow({ run: "a", tags: ["loss", "lr"], onPoints: () => {} });
  live.follow({ run: "a", tags: ["loss"], onPoints: () => {} });
  await vi.advanceTimersByTimeAsync(0);
  expect(last().sent.at(-1)?.watch[0]?.tags).toEqual(["loss", "lr"]);
  stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(last().sent.at(-1)?.watch[0]?.tags).toEqual(["loss"]);
});

it("asks by plain calls where no socket comes through", async () => {
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    asked.push(JSON.parse(init.body as string).watch[0].cursor);
    return new Response(JSON.stringify({ news: [points(`p${asked.length}`, asked.length)] }));
  });
  const seen: string[] = [];
  live.follow({ run: "a", onPoints: ({ cursor }) => seen.push(cursor) });
  live.connect();
  for (let failure = 0; failure < 4; failure++) {
    last().close();
    await vi.advanceTimersByTimeAsync(600);
  }
  await vi.advanceTimersByTimeAsync(2500);
  expect(seen.slice(0, 2)).toEqual(["p1", "p2"]);
  expect(asked.slice(0, 2)).toEqual(["", "p1"]);
  expect(live.useLive.getState().connection).toBe("open");
});

it("takes a table as a whole, or its changes", () => {
  const run = (id: string) => ({ id, name: id }) as never;
  live.connect();
  last().open();
  last().say({ type: "runs", runs: [run("a"), run("b")], gone: [], all: true });
  last().say({ type: "runs", runs: [run("c")], gone: ["a"], all: false });
  expect([...(live.useLive.getState().runs?.keys() ?? [])]).toEqual(["b", "c"]);
});
