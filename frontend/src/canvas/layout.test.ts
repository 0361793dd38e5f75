import { describe, expect, test } from "vitest";
import type { Level } from "../api/messages";
import { arranged, type Place, type Places, room, type Seen, shapeOf } from "./layout";
import { chain, level, node } from "./testing";
import { wiresOf } from "./wires";

const seenAs = (one: Level, places: Places): Seen => ({
  direction: "TB",
  places,
  shape: shapeOf(one, wiresOf(one, [])),
  placed: one.nodes.some((item) => item.at),
});
const put = (one: Level, seen?: Seen) => arranged(one, wiresOf(one, []), "TB", seen);
const at = (places: Places, name: string): Place => places.get(name) as Place;

/** Two branches that meet again: the order of the branches is what a layout likes to swap. */
const branches = (...more: string[]) =>
  level([
    node("stem", ["input"]),
    node("left", ["stem"]),
    node("right", ["stem"]),
    node("add", ["left", "right"]),
    ...more.map((name) => node(name, ["right"])),
  ]);

describe("layout", () => {
  test("a chain stands in a row along the flow, down or to the right", () => {
    const one = chain("a", "b", "c");
    const down = put(one);
    expect(new Set(["a", "b", "c"].map((name) => at(down, name)[0])).size).toBe(1);
    expect(at(down, "a")[1] < at(down, "b")[1] && at(down, "b")[1] < at(down, "c")[1]).toBe(true);
    const right = arranged(one, wiresOf(one, []), "LR");
    expect(at(right, "a")[0] < at(right, "b")[0]).toBe(true);
    expect(at(right, "a")[1]).toBe(at(right, "b")[1]);
  });

  test("thousands of nodes stand around the few that a person placed, each on its own", () => {
    const names = Array.from({ length: 2000 }, (_, number) => `n${number}`);
    const nodes = names.map((name, number) => node(name, [names[number - 1] ?? "input"]));
    const places = put(level([...nodes, node("aside", [], { at: [900, 40] })]));
    expect(at(places, "aside")).toEqual([900, 40]);
    expect(new Set([...places.values()].map(String)).size).toBe(2001);
    expect(
      names.every((name, number) => !number || at(places, name)[1] > at(places, `n${number - 1}`)[1]),
    ).toBe(true);
  });

  test("places that a person gave are kept to the pixel", () => {
    const one = level([node("a", ["input"], { at: [13, 7] }), node("b", ["a"], { at: [500, 11] })]);
    expect([...put(one)]).toEqual([
      ["a", [13, 7]],
      ["b", [500, 11]],
    ]);
  });

  test("tidied, a level whose nodes had places is laid out as a new one is", () => {
    const names = ["a", "b", "c", "d"];
    const strewn = level(
      names.map((name, at) => node(name, [names[at - 1] ?? "input"], { at: [(at * 311) % 500, 40 * at] })),
    );
    const tidied = put(chain(...names), seenAs(strewn, put(strewn)));
    expect(new Set(names.map((name) => at(tidied, name)[0])).size).toBe(1);
    expect(at(tidied, "a")[1]).toBe(0);
  });

  test("another value in a node moves nobody", () => {
    const one = chain("a", "b", "c");
    const before = new Map<string, Place>([
      ["a", [1, 1]],
      ["b", [2, 300]],
      ["c", [3, 600]],
    ]);
    const after = level(one.nodes.map((item) => ({ ...item, args: { out_features: 9 } })));
    expect([...put(after, seenAs(one, before))]).toEqual([...before]);
  });

  test("a node that is put into a chain leaves those before it where they are", () => {
    const one = chain("a", "b", "c");
    const before = put(one);
    const after = put(chain("a", "new", "b", "c"), seenAs(one, before));
    expect(at(after, "a")).toEqual(at(before, "a"));
    expect(at(after, "b")[0]).toBe(at(before, "b")[0]);
    expect(at(after, "b")[1]).toBeGreaterThan(at(before, "b")[1]);
    expect(at(after, "new")[1]).toBeGreaterThan(at(after, "a")[1]);
    expect(at(after, "new")[1]).toBeLessThan(at(after, "b")[1]);
  });

  test("a node that goes closes the gap, and nobody goes aside", () => {
    const one = chain("a", "b", "c");
    const before = put(one);
    const after = put(chain("a", "c"), seenAs(one, before));
    expect(at(after, "a")).toEqual(at(before, "a"));
    expect(at(after, "c")).toEqual(at(before, "b"));
  });

  test("a third branch does not make the others jump to other sides", () => {
    const before = put(branches());
    const after = put(branches("third"), seenAs(branches(), before));
    const order = (places: Places) => at(places, "left")[0] < at(places, "right")[0];
    expect(order(after)).toBe(order(before));
    const moved = ["stem", "left", "right"].filter(
      (name) => Math.abs(at(after, name)[0] - at(before, name)[0]) > 60,
    );
    expect(moved.length).toBeLessThan(2);
  });

  test("nodes that a person has placed stay when a new one comes, which lies on nobody", () => {
    const one = level([node("a", ["input"], { at: [0, 0] }), node("b", ["a"], { at: [0, 100] })]);
    const two = level([...one.nodes, node("c", ["a"])]);
    const after = put(two, seenAs(one, put(one)));
    expect(at(after, "a")).toEqual([0, 0]);
    expect(at(after, "b")).toEqual([0, 100]);
    const [x, y] = at(after, "c");
    expect(x >= 196 || y >= 150).toBe(true);
  });

  test("room for a node on a wire: those behind step back, others do not", () => {
    const one = level([
      node("a", ["input"], { at: [0, 0] }),
      node("b", ["a"], { at: [0, 90] }),
      node("aside", ["a"], { at: [400, 90] }),
    ]);
    const found = room(one, wiresOf(one, []), put(one), "TB", "a", ["b"]);
    expect(found.moved.map(([name]) => name)).toEqual(["b"]);
    expect(found.moved[0]?.[1][1]).toBeGreaterThan(90);
    expect(found.at[1]).toBeGreaterThan(40);
  });

  test("room is measured by what takes from the node or lies below it, not by the highest that lies behind", () => {
    const one = level([
      node("a", ["input"], { at: [0, 0] }),
      node("b", ["a"], { at: [0, 90] }),
      node("c", ["b"], { at: [0, 180] }),
      node("high", ["c"], { at: [600, -300] }),
    ]);
    const found = room(one, wiresOf(one, []), put(one), "TB", "a", ["b"]);
    const moved = new Map(found.moved);
    expect([...moved.keys()]).toEqual(["b", "c"]);
    expect(at(moved, "b")[1]).toBeLessThan(190);
    expect(at(moved, "c")[1] - at(moved, "b")[1]).toBe(90);
  });

  test("thousands of nodes have places too, each its own", () => {
    const names = Array.from({ length: 3000 }, (_, place) => `n${place}`);
    const places = put(chain(...names));
    expect(new Set([...places.values()].map(String)).size).toBe(3000);
    expect(at(places, "n2")[1]).toBeGreaterThan(at(places, "n1")[1]);
  });
});
