import { expect, it } from "vitest";
import { compared, replacement } from "./lines";

const told = (first: string, second: string) =>
  compared(first, second).map(({ kind, text }) => `${{ both: " ", first: "-", second: "+" }[kind]}${text}`);

it("says what was taken away and added", () => {
  expect(told("a\nb\nc\nd", "a\nx\nc\nd\ne")).toEqual([" a", "-b", "+x", " c", " d", "+e"]);
  expect(told("a\nb", "a\nb")).toEqual([" a", " b"]);
  expect(told("a\na", "a")).toEqual([" a", "-a"]);
});
it("does not try every pair of two very long texts", () => {
  const long = (word: string) => Array.from({ length: 3000 }, (_, place) => `${word}${place}`).join("\n");
  expect(compared(long("a"), long("b"))).toHaveLength(6000);
});
it("replaces only what differs", () => {
  const apply = (before: string, after: string) => {
    const { from, to, insert } = replacement(before, after);
    expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
    return to - from + insert.length;
  };
  expect(apply("lr: 0.1\nx", "lr: 0.2\nx")).toBe(2);
  expect(apply("aaa", "aa")).toBe(1);
  expect(apply("", "abc")).toBe(3);
  expect(apply("same", "same")).toBe(0);
});
