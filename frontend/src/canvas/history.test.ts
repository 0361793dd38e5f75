import { beforeEach, expect, test } from "vitest";
import { History } from "./history";

const moment = (text: string) => ({ text, level: "Block", selected: ["a"] });

beforeEach(() => sessionStorage.clear());

test("back and forth, with level and selection", () => {
  const history = new History("h");
  history.push(moment("one"), "two");
  history.push(moment("two"), "three");
  expect(history.go(-1, moment("three"))).toEqual(moment("two"));
  expect(history.go(-1, moment("two"))?.text).toBe("one");
  expect(history.go(-1, moment("one"))).toBeNull();
  expect(history.go(1, moment("one"))?.text).toBe("two");
  expect(history.go(1, moment("two"))?.text).toBe("three");
});

test("something new forgets what was taken back", () => {
  const history = new History("h");
  history.push(moment("one"), "two");
  history.go(-1, moment("two"));
  history.push(moment("one"), "other");
  expect(history.go(1, moment("other"))).toBeNull();
});

test("the last 200 steps are kept", () => {
  const history = new History("h");
  for (let step = 0; step < 250; step++) history.push(moment(String(step)), String(step + 1));
  expect(history.past.length).toBe(200);
  expect(history.past[0]?.text).toBe("50");
});

test("a reload finds it again; what was written elsewhere meanwhile is one more step", () => {
  const history = new History("h");
  history.push(moment("one"), "two");
  history.flush();
  const same = new History("h");
  same.recall("two");
  expect(same.past).toEqual([moment("one")]);
  const other = new History("h");
  other.recall("three");
  expect(other.past.map((one) => one.text)).toEqual(["one", "two"]);
});

test("where there is little room the latest steps are kept", () => {
  const history = new History("h");
  for (const letter of "abcd") history.push(moment(letter.repeat(600_000)), "now");
  history.flush();
  const found = new History("h");
  found.recall("now");
  expect(found.past.map((one) => one.text[0])).toEqual(["c", "d"]);
});
