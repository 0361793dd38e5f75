import { describe, expect, it } from "vitest";
import { changed, draftOf, isDirty, mine, opened, removed, stored, taken } from "./editing";

const file = (text: string, version = `v:${text}`) => ({ path: "a.yaml", text, version });
const open = (text: string) => opened("a.yaml", file(text), null);
const edit = (editing: ReturnType<typeof open>, text: string) => ({ ...editing, text });

describe("opening", () => {
  it("brings back a draft of the same version", () => {
    const editing = opened("a.yaml", file("one"), { text: "mine", base: "v:one" });
    expect(editing).toMatchObject({ text: "mine", base: "v:one", theirs: null });
    expect(isDirty(editing)).toBe(true);
  });
  it("keeps both where the file has changed since the draft", () => {
    const editing = opened("a.yaml", file("two"), { text: "mine", base: "v:one" });
    expect(editing.text).toBe("mine");
    expect(editing.theirs?.text).toBe("two");
    expect(draftOf(editing)).toEqual({ text: "mine", base: "v:one" });
  });
  it("forgets a draft that is what the file says", () => {
    expect(isDirty(opened("a.yaml", file("two"), { text: "two", base: "v:one" }))).toBe(false);
  });
  it("keeps the draft of a file that is gone, to be made anew", () => {
    const editing = opened("a.yaml", null, { text: "mine", base: "v:one" });
    expect(editing).toMatchObject({ text: "mine", base: "" });
    expect(isDirty(editing)).toBe(true);
  });
  it("does not mind how the lines of the file end", () => {
    expect(isDirty(opened("a.yaml", file("a\r\nb"), { text: "a\nb", base: "x" }))).toBe(false);
  });
});

describe("another content of the file", () => {
  it("is taken where nothing was written", () => {
    expect(changed(open("one"), file("two"))).toMatchObject({ text: "two", base: "v:two", theirs: null });
  });
  it("stands beside what was written", () => {
    const editing = changed(edit(open("one"), "mine"), file("two"));
    expect(editing).toMatchObject({ text: "mine", base: "v:one" });
    expect(editing.theirs?.text).toBe("two");
  });
  it("that is the same as what was written is no conflict", () => {
    const editing = changed(edit(open("one"), "two"), file("two"));
    expect(isDirty(editing)).toBe(false);
    expect(editing.theirs).toBeNull();
  });
  it("that is the old one again ends a conflict", () => {
    const editing = changed(changed(edit(open("one"), "mine"), file("two")), file("one"));
    expect(editing).toMatchObject({ text: "mine", theirs: null });
  });
});

describe("a conflict", () => {
  const editing = changed(edit(open("one"), "mine"), file("two"));
  it("ends with mine over theirs", () => {
    expect(mine(editing)).toMatchObject({ text: "mine", base: "v:two", theirs: null });
    expect(isDirty(mine(editing))).toBe(true);
  });
  it("ends with theirs", () => {
    expect(taken(editing)).toMatchObject({ text: "two", base: "v:two", theirs: null });
    expect(draftOf(taken(editing))).toBeNull();
  });
});

it("stays dirty where one wrote on while it was saved", () => {
  const editing = stored(edit(open("one"), "two and more"), file("two"));
  expect(editing.base).toBe("v:two");
  expect(isDirty(editing)).toBe(true);
});
it("is dirty when its file was deleted", () => {
  expect(isDirty(removed(open("one")))).toBe(true);
  expect(removed(open("one")).base).toBe("");
});
