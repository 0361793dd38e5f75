import { beforeEach, expect, test, vi } from "vitest";
import { RefusedError } from "../api/client";
import type { Drawing, DrawRequest, Edit } from "../api/messages";
import { Sheet } from "./sheet";
import { drawing } from "./testing";

const HERE = { level: "", selected: [] };
const add = (part: string): Edit[] => [{ do: "add", part }];

/** A document in memory, and a server that adds the parts of its edits as lines, when it is told to. */
function bench(text = "start") {
  const listeners = new Set<() => void>();
  const document = {
    path: "net.yaml",
    now: text,
    text: () => document.now,
    write(next: string) {
      document.now = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const asked: {
    request: DrawRequest;
    answer: (drawing: Drawing) => void;
    refuse: (error: unknown) => void;
  }[] = [];
  const ask = (request: DrawRequest, signal: AbortSignal) =>
    new Promise<Drawing>((answer, refuse) => {
      signal.addEventListener("abort", () => refuse(new DOMException("", "AbortError")));
      asked.push({ request, answer, refuse });
    });
  const told = vi.fn();
  const make = () => new Sheet(document, "k", ask, told);
  const settle = () => new Promise((done) => setTimeout(done));
  const answer = async () => {
    const { request, answer } = asked.shift() as (typeof asked)[0];
    const parts = request.edits.map((edit) => (edit.do === "add" ? `+${edit.part}` : ""));
    answer(drawing([request.text, ...parts].join("")));
    await settle();
    return request;
  };
  return { document, asked, told, make, answer, settle };
}

beforeEach(() => sessionStorage.clear());

test("an edit is sent at once, and its text is the document's", async () => {
  const { document, asked, make, answer } = bench();
  make().edit(add("a"), HERE);
  expect(asked.length).toBe(1);
  await answer();
  expect(document.now).toBe("start+a");
});

test("edits wait for those before them, and each is made on what they left", async () => {
  const { document, asked, make, answer } = bench();
  const sheet = make();
  for (const part of "abc") sheet.edit(add(part), HERE);
  expect(asked.length).toBe(1);
  expect(sheet.get().waiting).toBe(3);
  await answer();
  expect((await answer()).text).toBe("start+a");
  await answer();
  expect(document.now).toBe("start+a+b+c");
  expect(sheet.get().waiting).toBe(0);
});

test("an edit that comes at the very end of the one before is sent too", async () => {
  for (let ticks = 0; ticks < 12; ticks += 1) {
    const { document, asked, make, answer, settle } = bench();
    const sheet = make();
    sheet.edit(add("a"), HERE);
    const leave = sheet.subscribe(async () => {
      if (sheet.get().waiting) return;
      leave();
      for (let tick = 0; tick < ticks; tick += 1) await null;
      sheet.edit(add("b"), HERE);
    });
    await answer();
    expect(asked.length, `after ${ticks}`).toBe(1);
    await answer();
    await settle();
    expect(document.now).toBe("start+a+b");
    sessionStorage.clear();
  }
});

test("what somebody writes while an edit is under way stays: the edit is made again on it", async () => {
  const { document, make, answer, settle } = bench();
  make().edit(add("a"), HERE);
  document.write("theirs");
  await answer();
  expect(document.now).toBe("theirs");
  await answer();
  await settle();
  expect(document.now).toBe("theirs+a");
});

test("a server that is away gets everything later, also after a reload", async () => {
  const { document, asked, make, answer, settle } = bench();
  const sheet = make();
  sheet.edit(add("a"), HERE);
  asked.shift()?.refuse(new RefusedError(0, { message: "away", problems: [], stored: null }));
  await settle();
  sheet.edit(add("b"), HERE);
  expect([sheet.get().away, sheet.get().waiting, document.now]).toEqual([true, 2, "start"]);
  const again = make();
  again.wake();
  await answer();
  await answer();
  expect(document.now).toBe("start+a+b");
  expect(sessionStorage.getItem("torchwork.unsent.k")).toBeNull();
});

test("what the server refuses is told, and the next edit goes on", async () => {
  const { document, asked, told, make, answer, settle } = bench();
  const sheet = make();
  sheet.edit(add("a"), HERE);
  sheet.edit(add("b"), HERE);
  asked.shift()?.refuse(new RefusedError(422, { message: "no", problems: [], stored: null }));
  await settle();
  expect(told).toHaveBeenCalledOnce();
  await answer();
  expect(document.now).toBe("start+b");
});

test("undo and redo of edits and of what was typed; drawings that are known come without the server", async () => {
  const { document, asked, make, answer } = bench();
  const sheet = make();
  sheet.watch();
  await answer();
  sheet.edit(add("a"), HERE);
  await answer();
  document.write("typed");
  await answer();
  for (const text of ["start+a", "start"]) {
    sheet.undo();
    expect(document.now).toBe(text);
    expect(sheet.get().drawing?.text).toBe(text);
  }
  expect(sheet.get().undo).toBe(false);
  sheet.redo();
  sheet.redo();
  expect(document.now).toBe("typed");
  expect(asked.length).toBe(0);
});

test("undo of a step that was not sent yet takes it back", async () => {
  const { document, make, answer } = bench();
  const sheet = make();
  sheet.edit(add("a"), HERE);
  sheet.edit(add("b"), HERE);
  sheet.undo();
  await answer();
  expect(document.now).toBe("start+a");
});

test("an edit does not wait for a drawing that is under way", async () => {
  const { asked, make, settle } = bench();
  const sheet = make();
  sheet.watch();
  expect(asked.length).toBe(1);
  sheet.edit(add("a"), HERE);
  await settle();
  expect(asked.at(-1)?.request.edits).toEqual(add("a"));
});

test("nodes stand where they were put before the server has answered", () => {
  const { make } = bench();
  const sheet = make();
  sheet.edit([{ do: "move", level: "Block", places: { a: [1, 2] } }], HERE);
  sheet.edit([{ do: "move", level: "Block", places: { a: [3, 4] } }], HERE);
  expect(sheet.places("Block")).toEqual({ a: [3, 4] });
  expect(sheet.places("")).toEqual({});
});

test("a reload finds where one stood", () => {
  const { make } = bench();
  const sheet = make();
  expect(sheet.stood()).toEqual(HERE);
  sheet.stand({ level: "Block", selected: ["a"] });
  expect(make().stood()).toEqual({ level: "Block", selected: ["a"] });
});

test("who saves waits until what was done stands in the text, but not for a server that is away", async () => {
  const { make, answer, asked, document, settle } = bench();
  const sheet = make();
  sheet.edit(add("a"));
  sheet.edit(add("b"));
  const said: string[] = [];
  sheet.settled(false).then((all) => said.push(`${document.now} ${all}`));
  await answer();
  expect(said).toEqual([]);
  await answer();
  expect(said).toEqual(["start+a+b true"]);
  sheet.edit(add("c"));
  sheet.settled(false).then((all) => said.push(`away ${all}`));
  asked.shift()?.refuse(new RefusedError(0, { message: "away", problems: [], stored: null }));
  await settle();
  expect(said).toEqual(["start+a+b true", "away false"]);
});

test("what waits behind a new name is done to the node of that name", async () => {
  const { make, answer } = bench();
  const sheet = make();
  sheet.edit([{ do: "rename", node: "a", name: "b" }]);
  sheet.edit([{ do: "bypass", nodes: ["a", "c"] }]);
  sheet.edit([{ do: "connect", source: "a[1]", node: "c" }]);
  sheet.edit([{ do: "remove", level: "Other", nodes: ["a"] }]);
  await answer();
  expect((await answer()).edits).toEqual([{ do: "bypass", nodes: ["b", "c"] }]);
});
