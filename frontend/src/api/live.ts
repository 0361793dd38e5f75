import { create } from "zustand";
import { send } from "./client";
import type {
  ConsoleText,
  Contents,
  DocumentFile,
  News,
  Points,
  Queue,
  Run,
  Session,
  Watch,
} from "./messages";

/** What the server tells without being asked; kept up to date by one socket for the whole page. */
interface Live {
  connection: "connecting" | "open" | "lost";
  session: Session | null;
  /** null until they came for the first time */
  runs: Map<string, Run> | null;
  queue: Queue | null;
  documents: DocumentFile[] | null;
  contents: Map<string, Contents>;
  troubles: { run: string | null; message: string; id: number }[];
}

export const useLive = create<Live>(() => ({
  connection: "connecting",
  session: null,
  runs: null,
  queue: null,
  documents: null,
  contents: new Map(),
  troubles: [],
}));

/** What a part of the page follows of a run. */
export interface Following {
  run: string;
  /** null: all */
  tags?: readonly string[] | null;
  /** from this byte of the console on */
  console?: number;
  onPoints?: (points: Points) => void;
  /** `begin` is the byte where the text begins */
  onConsole?: (text: string, begin: number, restart: boolean) => void;
}

const RETRY = 500;
const POLL = 1000;
const following = new Set<Following>();
const cursors = new Map<string, string>();
let socket: WebSocket | null = null;
let failures = 0;
let planned = false;
let trouble = 0;

/** Follow a run until the returned function is called. */
export function follow(one: Following): () => void {
  following.add(one);
  plan();
  return () => {
    following.delete(one);
    plan();
  };
}

/** The first curves of a run came and hold everything up to `cursor`: what is written from there on is wanted. */
export function knownUpTo(run: string, cursor: string): void {
  if (cursors.has(run)) return;
  cursors.set(run, cursor);
  plan();
}

export function dismissTrouble(id: number): void {
  useLive.setState((live) => ({ troubles: live.troubles.filter((item) => item.id !== id) }));
}

/** Connect, and again whenever the connection is lost; with no socket at all, ask once a second. */
export function connect(): void {
  const opening = new WebSocket(
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`,
  );
  socket = opening;
  opening.onopen = () => {
    failures = 0;
    useLive.setState({ connection: "open" });
    tell();
  };
  opening.onmessage = (event) => receive(JSON.parse(event.data as string));
  opening.onclose = () => {
    socket = null;
    failures += 1;
    useLive.setState({ connection: "lost" });
    setTimeout(failures > 3 ? poll : connect, failures > 3 ? POLL : RETRY);
  };
}

/** Where no socket comes through (some proxies), the same news by a plain call. */
async function poll(): Promise<void> {
  try {
    const { news } = await send<{ news: News[] }>("POST", "live", wanted());
    useLive.setState({ connection: "open" });
    for (const item of news) receive(item);
    setTimeout(failures++ % 10 === 0 ? connect : poll, POLL);
  } catch {
    useLive.setState({ connection: "lost" });
    setTimeout(connect, POLL);
  }
}

function plan(): void {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    tell();
  });
}

function tell(): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wanted()));
}

function wanted(): { type: "watch"; watch: Watch[]; runs: boolean } {
  const byRun = new Map<string, Watch>();
  for (const one of following) byRun.set(one.run, merged(byRun.get(one.run), one));
  return { type: "watch", watch: [...byRun.values()], runs: true };
}

function merged(before: Watch | undefined, one: Following): Watch {
  const points = one.onPoints ? (one.tags === undefined ? null : one.tags) : [];
  const tags =
    before === undefined
      ? points
      : before.tags === null || points === null
        ? null
        : [...before.tags, ...points];
  return {
    run: one.run,
    cursor: cursors.get(one.run) ?? "",
    tags: tags === null ? null : [...new Set(tags)],
    console: one.console ?? before?.console ?? null,
  };
}

/** The text of a console behind byte `known`: what was on its way already when the page asked again comes twice. */
export function unseen(
  { text, begin, offset }: Pick<ConsoleText, "text" | "begin" | "offset">,
  known: number,
): string {
  if (begin >= known) return text;
  return offset <= known ? "" : new TextDecoder().decode(new TextEncoder().encode(text).slice(known - begin));
}

function receive(news: News): void {
  switch (news.type) {
    case "hello":
      useLive.setState({ session: news.session });
      break;
    case "runs":
      useLive.setState((live) => {
        const runs = new Map(news.all ? [] : live.runs);
        for (const id of news.gone) runs.delete(id);
        for (const run of news.runs) runs.set(run.id, run);
        return { runs };
      });
      break;
    case "points":
      cursors.set(news.run, news.cursor);
      for (const one of following) if (one.run === news.run) one.onPoints?.(news);
      break;
    case "contents":
      useLive.setState((live) => ({
        contents: new Map(live.contents).set(news.contents.run, news.contents),
      }));
      break;
    case "console":
      for (const one of following) {
        if (one.run !== news.run || !one.onConsole) continue;
        const known = news.restart ? 0 : (one.console ?? 0);
        const text = unseen(news, known);
        one.console = news.offset;
        if (text || news.restart) one.onConsole(text, Math.max(known, news.begin ?? 0), news.restart);
      }
      break;
    case "jobs":
      useLive.setState({ queue: news.queue });
      break;
    case "documents":
      useLive.setState({ documents: news.documents });
      break;
    case "trouble":
      useLive.setState((live) => ({
        troubles: [...live.troubles.slice(-4), { run: news.run, message: news.message, id: ++trouble }],
      }));
  }
}
