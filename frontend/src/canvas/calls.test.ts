import { expect, test } from "vitest";
import { callsIn, clipOf, partOfCall } from "./calls";

const CONV = { name: "Conv2d", order: ["in_channels", "out_channels", "kernel_size", "padding"] };

test("layers as Python writes them become parts", () => {
  const [call] = callsIn("nn.Conv2d(3, 8, (3, 5), padding='same')") ?? [];
  expect(call && partOfCall(call, CONV)).toEqual({
    Conv2d: { in_channels: 3, out_channels: 8, kernel_size: [3, 5], padding: "same" },
  });
  const [bare] = callsIn("nn.ReLU()") ?? [];
  expect(bare && partOfCall(bare, { name: "ReLU", order: [] })).toBe("ReLU");
});

test("several stand in a row, those of nn.Sequential too, under the names that they are given", () => {
  const text = `
    self.conv = nn.Conv2d(3, 8, 3)  # the first
    self.rest = nn.Sequential(
        nn.ReLU(inplace=True),
        nn.Dropout(.5),
    )`;
  const calls = callsIn(text) ?? [];
  expect(calls.map(({ name, label }) => [name, label])).toEqual([
    ["Conv2d", "conv"],
    ["ReLU", ""],
    ["Dropout", ""],
  ]);
  expect([calls[1]?.named, calls[2]?.values]).toEqual([{ inplace: true }, [0.5]]);
  const clip = JSON.parse(
    clipOf(
      [
        { part: "ReLU", label: "a" },
        { part: { Dropout: { p: 1 } }, label: "" },
      ],
      "x",
    ),
  );
  expect(clip.nodes).toEqual({
    a: { ReLU: {}, from: "x" },
    pasted_1: { Dropout: { p: 1 }, name: "", from: "a" },
  });
});

test("what is no row of calls with plain values is none of this", () => {
  const texts = [
    "Dear Sir or Madam",
    "torchwork-nodes: 1\nnodes: {}",
    "f(x)",
    "x = 3",
    "",
    "nn.Conv2d(3,",
    "a(1) + b(2)",
  ];
  for (const text of texts) expect(callsIn(text)).toBeNull();
  const [call] = callsIn("nn.Conv2d(1, 2, 3, 4, 5)") ?? [];
  expect(call && partOfCall(call, CONV)).toBeNull();
  const [other] = callsIn("nn.Conv2d(strid=2)") ?? [];
  expect(other && partOfCall(other, CONV)).toBeNull();
});
