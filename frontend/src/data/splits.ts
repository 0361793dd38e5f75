import type { Words } from "../ui/words";

/** What splits are called. */
export const SPLITS: Record<string, Words> = {
  train: ["train", "训练集"],
  valid: ["valid", "验证集"],
  test: ["test", "测试集"],
};
