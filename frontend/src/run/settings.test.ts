import { expect, it } from "vitest";
import { filtered, flat, quoted, typed } from "./settings";

it("names nested settings by their path", () => {
  expect(flat({ seed: 1, optimizer: { Adam: { lr: 0.1 } }, clip: {} })).toEqual([
    ["seed", "1"],
    ["optimizer.Adam.lr", "0.1"],
    ["clip", "{}"],
  ]);
});
it("keeps lists of numbers quoted and opens lists of parts", () => {
  expect(flat({ mean: [1, 2], layers: ["ReLU", { Linear: { out: 3 } }] })).toEqual([
    ["mean", "[1,2]"],
    ["layers[0]", "ReLU"],
    ["layers[1].Linear.out", "3"],
  ]);
});
it("filters by every word, in name or value", () => {
  expect(
    filtered(
      [
        ["optimizer.lr", "0.1"],
        ["train.epochs", "10"],
      ],
      "LR 0.1",
    ),
  ).toEqual([["optimizer.lr", "0.1"]]);
});
it("quotes what a shell would take apart", () => {
  expect(quoted(["torchwork", "train", "my file.yaml", "it's"])).toBe(
    "torchwork train 'my file.yaml' 'it'\\''s'",
  );
});
it("shows a command as one would type it", () => {
  const train = ["train", "first.yaml", "--set", "seed=1"];
  const commands = [
    ["/opt/venv/bin/torchwork", ...train],
    ["C:\\venv\\Scripts\\torchwork.exe", ...train],
    ["/usr/lib/python3/torchwork/__main__.py", ...train],
    ["/usr/bin/python3", "-P", "-m", "torchwork", ...train],
  ];
  expect(new Set(commands.map(typed))).toEqual(new Set(["torchwork train first.yaml --set seed=1"]));
  expect(typed(["/home/me/train.py", "--fast"])).toBe("train.py --fast");
});
