import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { OpenDocument } from "./document";
import { readDraft } from "./drafts";
import { isDirty } from "./editing";

/** A server with one file: it answers as the real one does, and can be away. */
class Server {
  away = false;
  constructor(public text: string | null) {}

  fetch = async (_path: string, init: RequestInit = {}): Promise<Response> => {
    if (this.away) throw new TypeError("no connection");
    if (init.method === "PUT") return this.put(JSON.parse(init.body as string));
    return this.text === null
      ? answer(404, { message: "no such file", problems: [] })
      : answer(200, this.file());
  };

  private put(save: { text: string; base: string }): Response {
    if (save.base !== (this.text === null ? "" : `v:${this.text}`))
      return answer(409, { message: "changed meanwhile", problems: [] });
    this.text = save.text;
    return answer(200, this.file());
  }

  private file() {
    return { path: "a.yaml", text: this.text ?? "", version: `v:${this.text}` };
  }
}

function answer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}

let server: Server;

beforeEach(() => {
  localStorage.clear();
  server = new Server("one");
  vi.stubGlobal("fetch", server.fetch);
});
let documents: OpenDocument[] = [];
afterEach(() => {
  for (const document of documents) document.close();
  documents = [];
  vi.unstubAllGlobals();
});

async function open(): Promise<OpenDocument> {
  const document = new OpenDocument("/folder", "a.yaml");
  documents.push(document);
  await document.refresh();
  return document;
}

it("saves, and keeps nothing in the browser then", async () => {
  const document = await open();
  document.write("two");
  document.flush();
  expect(readDraft("/folder", "a.yaml")).toEqual({ text: "two", base: "v:one" });
  expect(await document.save()).toBe(true);
  expect(server.text).toBe("two");
  expect(readDraft("/folder", "a.yaml")).toBeNull();
});
it("brings an edit back after a reload in its middle", async () => {
  const first = await open();
  first.write("half");
  first.close();
  expect((await open()).get()?.editing.text).toBe("half");
});
it("remembers the wish to save while the server is away, and sends it", async () => {
  const document = await open();
  document.write("two");
  server.away = true;
  expect(await document.save()).toBe(false);
  expect(document.get()?.saving).toBe("away");
  expect(readDraft("/folder", "a.yaml")?.text).toBe("two");
  server.away = false;
  await document.back();
  expect(server.text).toBe("two");
  expect(document.get()?.saving).toBe("idle");
});
it("does not send it over what others wrote meanwhile", async () => {
  const document = await open();
  document.write("mine");
  server.away = true;
  await document.save();
  Object.assign(server, { away: false, text: "theirs" });
  await document.back();
  expect(server.text).toBe("theirs");
  expect(document.get()?.editing).toMatchObject({ text: "mine", theirs: { text: "theirs" } });
});
it("asks where the file was changed between reading and saving, and keeps mine when told", async () => {
  const document = await open();
  document.write("mine");
  server.text = "theirs";
  expect(await document.save()).toBe(false);
  expect(document.get()?.editing.theirs?.text).toBe("theirs");
  expect(await document.keepMine()).toBe(true);
  expect(server.text).toBe("mine");
});
it("makes a deleted file again when it is saved", async () => {
  const document = await open();
  server.text = null;
  await document.refresh();
  await document.refresh();
  expect(document.get()?.editing.text).toBe("one");
  expect(await document.save()).toBe(true);
  expect(server.text).toBe("one");
});
it("says that a file is not there, and is not dirty for it", async () => {
  server.text = null;
  const document = await open();
  await document.refresh();
  expect(document.get()?.refused).toBe("no such file");
  expect(isDirty(document.get()?.editing as never)).toBe(false);
});
it("sees what another window writes and saves", async () => {
  const document = await open();
  const key = "torchwork.draft./folder\na.yaml";
  const tell = (newValue: string | null) =>
    window.dispatchEvent(new StorageEvent("storage", { key, newValue }));
  tell(JSON.stringify({ text: "there", base: "v:one" }));
  expect(document.get()?.editing.text).toBe("there");
  server.text = "there";
  tell(null);
  await vi.waitFor(() => expect(isDirty(document.get()?.editing as never)).toBe(false));
});

it("goes back with another window to what is saved, and does not bring it forth again", async () => {
  const document = await open();
  const key = "torchwork.draft./folder\na.yaml";
  const newValue = JSON.stringify({ text: "there", base: "v:one" });
  window.dispatchEvent(new StorageEvent("storage", { key, newValue }));
  window.dispatchEvent(new StorageEvent("storage", { key, newValue: null }));
  await vi.waitFor(() => expect(document.get()?.editing.text).toBe("one"));
  expect(localStorage.getItem(key)).toBeNull();
});

it("saves what waits for a server that is away as soon as it stands in the text", async () => {
  const document = await open();
  let arrive = () => {};
  const there = new Promise<boolean>((done) => {
    arrive = () => done(true);
  });
  document.arrived = (patient) => (patient ? there : Promise.resolve(server.text !== "one"));
  expect(await document.save()).toBe(false);
  expect(await document.save()).toBe(false);
  expect(document.get()?.saving).toBe("away");
  document.arrived = async () => true;
  document.write("two");
  arrive();
  await vi.waitFor(() => expect(server.text).toBe("two"));
  await vi.waitFor(() => expect(document.get()?.saving).toBe("idle"));
});
