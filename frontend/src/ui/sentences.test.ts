import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { translator } from "./sentences";

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const say = translator(read("../torchwork/words/zh.json"));
const cases: { by: string; said: [string, string][] }[] = read("../tests/words/said.json").cases;

describe("what real documents get (tests/words/test_said.py)", () => {
  test.each(cases.flatMap((item) => item.said))("%s", (english, chinese) => {
    expect(say(english)).toBe(chinese);
  });
});

describe("what is put together", () => {
  test.each([
    [
      'a.yaml:3: train.epochs: expected a whole number, got "two"\na.yaml:4: unknown key `x` (did you mean y?)',
      'a.yaml:3: train.epochs: 应为整数，实际为 "two"\na.yaml:4: 未知的键 `x`（是想写 y 吗？）',
    ],
    [
      "runs/a-1 is in use by process 12 on host; wait for it, stop it, or start a new run",
      "runs/a-1 正被 host 上的进程 12 使用；请等待它结束、停止它，或开始新的运行",
    ],
    [
      "the process ended before the training did: training stopped being finite at step 5 (epoch 1): the batch itself holds values that are not finite; check the data and data.normalize",
      "训练尚未完成，进程就结束了：训练在第 5 步（第 1 轮）出现非有限的值：这个批次本身含有非有限的值；请检查数据和 data.normalize",
    ],
    [
      "w.safetensors does not fit the model: missing: fc.weight, fc.bias; of another shape: conv.weight is (4, 3), expected (5, 3)",
      "w.safetensors 与模型不匹配：缺少：fc.weight、fc.bias；形状不同：conv.weight 是 (4, 3)，应为 (5, 3)",
    ],
    [
      "Mix cannot run: its input has the shape 2x3, and torch says: mix(): dimensions do not match at 2: got 16, 8 and 4",
      "Mix 无法运行：它的输入形状为 2x3，torch 提示：mix(): dimensions do not match at 2: got 16, 8 and 4",
    ],
    ["expected text, a list of ints or null, got 2.0", "应为文本、整数的列表或 null，实际为 2.0"],
    ["one of 'same', 'valid', an int or a list of 2 ints", "'same'、'valid'、整数或 2 个整数的列表"],
    ["one of 'none', 'mean' or 'sum'", "'none'、'mean' 或 'sum' 之一"],
    [
      "Net cannot run on an input of 2x9 in line 13: RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x9 and 8x3) (give the sizes that it takes)",
      "Net 无法在 2x9 的输入上运行（第 13 行）：RuntimeError: 矩阵形状无法相乘（2x9 和 8x3）（请给出它接受的形状）",
    ],
    ["events.1: the last 12 bytes are not complete yet", "events.1: 最后 12 字节尚不完整"],
    [
      "features: `fc` and `head` Linear moved after `conv1`",
      "features: `fc` 和 `head` Linear 移动了，位于 `conv1` 之后",
    ],
    [
      "model: added Linear(out_features=3) `fc` after `conv1`",
      "model: 新增了 Linear(out_features=3) `fc`，位于 `conv1` 之后",
    ],
    ["model: `s` add takes `a` instead of `b` and `c`", "model: `s` add 输入改为 `a`，原为 `b` 和 `c`"],
    ["b: arguments: n 2 -> 5, m = 1 added", "b: arguments: n 2 -> 5，新增 m = 1"],
    [
      "model: added another call of `a` as `b` on `input`",
      "model: 又一次调用 `a`，名为 `b`，输入来自 `input`",
    ],
    ["model: removed the definition B (used by h2)", "model: 移除定义 B（用于 h2）"],
    [
      'train.clip: the default -> {"norm": 1.0, "value": null}',
      'train.clip: 默认值 -> {"norm": 1.0, "value": null}',
    ],
    ["optimizer: Adam(lr=0.01) -> the default", "optimizer: Adam(lr=0.01) -> 默认值"],
  ])("%s", (english, chinese) => {
    expect(say(english)).toBe(chinese);
  });
});

test("what nobody knows stays as it is", () => {
  for (const text of [
    "",
    "x",
    "conv1.weight",
    "RuntimeError: something of torch; went wrong (here)",
    "第一",
  ]) {
    expect(say(text)).toBe(text);
  }
});

test("braces of templates are braces of the text, and of two templates the one that says more is meant", () => {
  const two = translator({
    "{0} is `{{a}}`": "{0} 为 `{{a}}`",
    "{0} is {1}": "{0} 是 {1}",
    "no {0} line{s} at {1}": "{1} 无 {0}",
  });
  expect(two("x is `{a}`")).toBe("x 为 `{a}`");
  expect(two("x is `{b}`")).toBe("x 是 `{b}`");
  expect(two("no 3 lines at home")).toBe("home 无 3");
});
