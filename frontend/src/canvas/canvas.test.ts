import { describe, expect, test } from "vitest";
import type { Fault } from "../api/messages";
import { additions, after, isLoose, pinned, uncovered } from "./adding";
import { isOld } from "./CodePane";
import { viewOf } from "./Faults";
import { argsText } from "./face";
import { comboOf } from "./keys";
import { labelled } from "./labels";
import type { Place } from "./layout";
import { coloured } from "./python";
import { fitness, ranked } from "./ranking";
import { type Box, type Leg, pathOf, routed } from "./route";
import { wrongLevels } from "./scene";
import { sharesOf } from "./shares";
import { chain, drawing, level, node } from "./testing";
import { instanceOf, trailOf } from "./trail";
import { parseTyped, partOf } from "./typed";
import { walk } from "./walk";
import { circle, wiresOf } from "./wires";

describe("wires", () => {
  test("of nodes, of the level's own inputs and outputs, of elements of tuples", () => {
    const one = level([node("lstm", ["input"]), node("head", ["lstm[0]"])], {
      outputs: [{ name: "", source: "head", shape: "", needed: true }],
    });
    expect(wiresOf(one, []).map(({ id, from, output }) => [id, from, output])).toEqual([
      ["lstm:0", "input", ""],
      ["head:0", "lstm", "[0]"],
      [":0", "head", ""],
    ]);
  });

  test("red is only the wire that a fault names", () => {
    const fault = { level: "", node: "b", input: 0 } as Fault;
    const wrong = wiresOf(chain("a", "b", "c"), [fault]).filter((wire) => wire.wrong);
    expect(wrong.map((wire) => wire.id)).toEqual(["b:0"]);
  });

  test("a wire back to what feeds it would be a circle, and its way is told", () => {
    const wires = wiresOf(chain("a", "b", "c"), []);
    expect(circle(wires, "c", "a")).toEqual(["a", "b", "c"]);
    expect(circle(wires, "b[0]", "b")).toEqual(["b"]);
    expect(circle(wires, "a", "c")).toBeNull();
    expect(circle(wires, "input", "a")).toBeNull();
    expect(circle(wires, "c", "")).toBeNull();
  });
});

describe("adding", () => {
  test("behind a node, all that took from it takes from the new one", () => {
    const one = level([node("a", ["input"]), node("b", ["a"]), node("c", ["a"])]);
    expect(after(one, wiresOf(one, []), "a")).toEqual({
      source: "a",
      feeds: [
        ["b", 0],
        ["c", 0],
      ],
    });
  });

  test("a place for one node gives all others theirs; another edit gives none", () => {
    const one = chain("a", "b");
    const places = new Map([
      ["a", [0, 0.4]],
      ["b", [0, 90]],
    ] as [string, [number, number]][]);
    const moved = pinned(one, places, [{ do: "move", places: { b: [5, 5] } }]);
    expect(moved[0]).toEqual({ do: "move", level: "", places: { a: [0, 0] } });
    expect(pinned(one, places, [{ do: "remove", nodes: ["a"] }]).length).toBe(1);
  });

  test("the first node of a sheet takes the input", () => {
    const edits = additions(level([]), [], new Map(), "TB", "ReLU", { at: [1, 2], source: "", feeds: [] });
    expect(edits).toEqual([{ do: "add", level: "", part: "ReLU", sources: ["input"], feeds: [] }]);
  });

  test("a node that is put onto others comes beside them", () => {
    const places = new Map<string, [number, number]>([
      ["a", [0, 0]],
      ["b", [230, 10]],
      ["c", [0, 300]],
    ]);
    const one = chain("a", "b", "c");
    expect(uncovered(one, places, [40, 5])).toEqual([446, 5]);
    expect(uncovered(one, places, [40, 150])).toEqual([40, 150]);
  });

  test("a node hangs in the air when it has no wires at all", () => {
    const wires = wiresOf(level([node("a", ["input"]), node("b")]), []);
    expect([isLoose(wires, "a"), isLoose(wires, "b")]).toEqual([false, true]);
  });
});

describe("search", () => {
  const names = ["ConvTranspose2d", "Conv2d", "BatchNorm2d", "Conv1d", "relu", "ReLU", "LeakyReLU"];
  const items = names.map((name) => ({ name, common: name === "Conv2d" || name === "ReLU" }));
  const first = (typed: string) => ranked(typed, items)[0]?.name;

  test("the name, its beginning, its capitals, its letters; common ones first", () => {
    expect(first("conv")).toBe("Conv2d");
    expect(first("conv1d")).toBe("Conv1d");
    expect(first("bn")).toBe("BatchNorm2d");
    expect(first("relu")).toBe("ReLU");
    expect(first("lrelu")).toBe("LeakyReLU");
    expect(first("cvt")).toBe("ConvTranspose2d");
    expect(ranked("xyz", items)).toEqual([]);
  });

  test("nothing typed: all, as they are", () => {
    expect(ranked("", [{ name: "b" }, { name: "a" }]).map((item) => item.name)).toEqual(["b", "a"]);
  });

  test("a beginning is better than a middle, a middle than scattered letters", () => {
    expect(fitness("pool", "pooling")).toBeGreaterThan(fitness("pool", "MaxPool2d"));
    expect(fitness("pool", "MaxPool2d")).toBeGreaterThan(fitness("mpl", "MaxPool2d"));
    expect(fitness("mpl", "MaxPool2d")).toBeGreaterThan(0);
  });
});

describe("what is typed to add", () => {
  const field = (name: string, inferred = false) => ({ name, inferred }) as never;
  const form = {
    name: "Conv2d",
    fields: [field("in_channels", true), field("out_channels"), field("kernel_size"), field("padding")],
  };

  test("a name, then values in order or by name", () => {
    const { name, values } = parseTyped("conv2d 6 5 padding=2");
    expect(name).toBe("conv2d");
    expect(partOf(form, values)).toEqual({ Conv2d: { out_channels: 6, kernel_size: 5, padding: 2 } });
  });

  test("as one writes Python, with words as values, or with nothing", () => {
    expect(partOf(form, parseTyped("Conv2d(6, 3, padding='same')".replaceAll("'", "")).values)).toEqual({
      Conv2d: { out_channels: 6, kernel_size: 3, padding: "same" },
    });
    expect(partOf(form, parseTyped("conv2d").values)).toBe("Conv2d");
    expect(parseTyped("use conv1")).toEqual({ name: "use conv1", values: [] });
  });
});

test("shares of parameters and computation; a shared module counts once", () => {
  const shares = sharesOf([
    node("a", [], { parameters: 30, macs: 10 }),
    node("b", [], { parameters: 10, macs: 30 }),
    node("c", [], { parameters: 30, macs: 0, use: "a" }),
  ]);
  expect([...shares.values()].map((share) => share.parameters)).toEqual([0.75, 0.25, 0]);
  expect(shares.get("b")?.macs).toBe(0.75);
  expect(sharesOf([node("a")]).get("a")).toEqual({ parameters: 0, macs: 0 });
});

describe("the way down", () => {
  const model = level([node("layer1", ["input"], { kind: "module", type: "Layer", repeat: 2 })]);
  const layer = level([node("block.0", ["input"], { kind: "module", type: "Block" })], {
    name: "Layer",
    instances: ["layer1.0", "layer1.1"],
  });
  const block = level([], { name: "Block", instances: ["layer1.0.block.0", "layer1.1.block.0"] });
  const all = drawing("", [model, layer, block]);

  test("each step is a node with its level", () => {
    const found = trailOf(all, "Block", "layer1.1.block.0");
    expect(found.map(({ level, instance }) => [level, instance])).toEqual([
      ["", ""],
      ["Layer", "layer1.1"],
      ["Block", "layer1.1.block.0"],
    ]);
    expect(trailOf(all, "Block", "").at(-1)).toEqual({ level: "Block", instance: "", node: "" });
  });

  test("a number may also be the name of a node in a chain", () => {
    const outer = level([node("layer3", [], { kind: "module", type: "Layer" })]);
    const inner = level([node("0"), node("1", [], { kind: "module", type: "Block" })], { name: "Layer" });
    const found = trailOf(drawing("", [outer, inner, block]), "Block", "layer3.1");
    expect(found.map(({ level, node }) => [level, node])).toEqual([
      ["", ""],
      ["Layer", "layer3"],
      ["Block", "1"],
    ]);
  });

  test("a node opens its own instance, the first of a repetition", () => {
    expect(instanceOf(layer, "", "layer1")).toBe("layer1.0");
    expect(instanceOf(block, "layer1.1", "block.0")).toBe("layer1.1.block.0");
  });
});

test("arrows go along the wires and to neighbours", () => {
  const one = level([node("a", ["input"]), node("b", ["a"]), node("c", ["a"])]);
  const places = new Map([
    ["a", [50, 0]],
    ["b", [0, 90]],
    ["c", [200, 90]],
  ] as [string, [number, number]][]);
  const go = (from: string, arrow: Parameters<typeof walk>[1]) =>
    walk(from, arrow, wiresOf(one, []), places, "TB");
  expect([go("a", "ArrowDown"), go("c", "ArrowUp"), go("b", "ArrowRight"), go("a", "ArrowUp")]).toEqual([
    "b",
    "a",
    "a",
    null,
  ]);
  expect(walk("a", "ArrowRight", wiresOf(one, []), places, "LR")).toBe("b");
});

const boxAt = (name: string, x: number, y: number): Box => ({ name, at: [x, y], width: 100, height: 40 });
/** From the middle of the lower side of a node to the middle of the upper side of another. */
const legOf = (from: Box, to: Box): Leg => ({
  from: from.name,
  to: to.name,
  source: [from.at[0] + 50, from.at[1] + 40],
  target: [to.at[0] + 50, to.at[1]],
});

test("a wire goes round what stands in its way, and straight where nothing does", () => {
  const [a, b, c] = [boxAt("a", 0, 0), boxAt("b", 0, 100), boxAt("c", 0, 200)];
  const [straight, round] = routed([legOf(a, b), legOf(a, c)], [a, b, c], "TB");
  expect(straight).toBeNull();
  const lane = round?.lane as number;
  expect(lane < 0 || lane > 100).toBe(true);
  expect(pathOf([50, 40], [50, 200], round ?? null, "TB")).toContain(`${Math.round(lane)} `);
});

test("a wire that leads back goes beside its own nodes, and between others where there is room", () => {
  const [low, high] = [boxAt("low", 0, 300), boxAt("high", 0, 0)];
  const [way] = routed([legOf(low, high)], [low, high, boxAt("aside", 160, 150)], "TB");
  const lane = way?.lane as number;
  expect(lane < 0 || (lane > 100 && lane < 160)).toBe(true);
  const right = { ...legOf(low, high), source: [100, 320], target: [0, 20] } as Leg;
  const [over] = routed([right], [low, high], "LR");
  expect((over?.lane as number) > 40 && (over?.lane as number) < 300).toBe(true);
});

test("keys are named as commands name them", () => {
  const press = (key: string, more = {}) =>
    comboOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });
  expect(press("z", { ctrlKey: true, shiftKey: true })).toBe("Ctrl+Shift+Z");
  expect(press("k", { metaKey: true })).toBe("Ctrl+K");
  expect(press("+", { shiftKey: true })).toBe("+");
  expect(press(".")).toBe(".");
  expect(press("Tab", { shiftKey: true })).toBe("Shift+Tab");
});

test("Python is coloured, and nothing of it is lost", () => {
  const code =
    'class Net(nn.Module):\n    """Two\n    lines."""\n    def forward(self, x):\n        return self.fc(x)  # B×10';
  const lines = coloured(code);
  expect(lines.map((line) => line.map((piece) => piece.text).join("")).join("\n")).toBe(code);
  expect(lines[0]?.map((piece) => piece.kind)).toContain("name");
  expect(lines[2]?.[0]?.kind).toBe("text");
  expect(lines[4]?.at(-1)?.kind).toBe("comment");
});

test("arguments in one line", () => {
  expect(argsText({ out_channels: 6, kernel_size: [3, 5], padding: "same" })).toBe(
    "out 6 · kernel 3×5 · padding same",
  );
  expect(argsText({ embed_dim: "width", num_heads: "heads" })).toBe("dim width · heads");
});

test("a fault deep inside marks the definitions around it", () => {
  const wrong = drawing("", [
    level([node("a", ["input"], { kind: "module", type: "Outer" }), node("b", ["a"])]),
    level([node("c", ["input"], { kind: "module", type: "Inner" })], { name: "Outer" }),
    level([node("d", ["input"])], { name: "Inner" }),
    level([node("e", ["input"])], { name: "Other" }),
  ]);
  const fault = { level: "Inner", node: "d" } as Fault;
  expect([...wrongLevels({ ...wrong, faults: [fault] })]).toEqual(["Inner", "Outer"]);
  expect([...wrongLevels(wrong)]).toEqual([]);
});

test("a fault on no node leads to the view that has its field", () => {
  const at = (place: string, node = "") => viewOf({ place, node, level: "" } as Fault);
  expect(["data.source.ImageFolder.root", "loss", "train.epochs"].map((place) => at(place))).toEqual([
    "data",
    "training",
    "training",
  ]);
  expect([at("model"), at(""), at("strange"), at("model.layers[0]", "a")]).toEqual(["", "", "", ""]);
});

test("wires that go aside at the same place lie beside each other, the shortest innermost; those of one source together", () => {
  const box = (name: string, y: number) => boxAt(name, 0, y);
  const ends = ["a", "b", "c", "d", "e", "f"].map((name, at) => box(name, 150 * at));
  const [a, b, , d, e, f] = ends as [Box, Box, Box, Box, Box, Box];
  const wall = { ...boxAt("wall", 120, 0), height: 900 };
  const ways = routed([legOf(a, f), legOf(b, d), legOf(a, e)], [...ends, wall], "TB");
  const [long, short, same] = ways.map((way) => Math.abs((way?.lane ?? 0) - 50));
  expect(short).toBeLessThan(long as number);
  expect(same).toBe(long);
});

test("words on wires lie on no node and on no other words", () => {
  const [a, b] = [boxAt("a", 0, 0), boxAt("b", 0, 300)];
  const wire = { words: "B×8", source: [50, 40] as Place, target: [50, 300] as Place, way: null };
  const [first, second] = labelled([wire, wire], [a, b], "TB");
  expect(first).not.toBeNull();
  expect(first).not.toEqual(second);
  const covered = labelled([wire], [a, b, { ...boxAt("over", 0, 60), height: 220 }], "TB");
  expect(covered).toEqual([null]);
});

test("code in which no node has a line is that of an earlier drawing", () => {
  const fault = { level: "", node: "a" } as Fault;
  const shown = (lines: [number, number] | null, faults: Fault[]) =>
    isOld(drawing("", [level([node("a", ["input"], { lines })])], { code: "x = 1", faults }));
  expect([shown(null, [fault]), shown([1, 1], [fault]), shown(null, [])]).toEqual([true, false, false]);
});
