import type { Words } from "../ui/words";

/** What is measured of a layer, as a person calls it. */
export const NUMBERS = {
  output_mean: ["mean of its outputs", "输出均值"],
  output_std: ["spread of its outputs", "输出标准差"],
  output_zeros: ["zeros in its outputs", "输出为零的比例"],
  output_saturated: ["saturated outputs", "输出饱和比例"],
  dead_units: ["dead units", "死神经元比例"],
  gradient_norm: ["gradient norm", "梯度范数"],
  weight_norm: ["weight norm", "权重范数"],
  update_ratio: ["update to weight", "更新/权重比"],
  milliseconds: ["time, both passes", "耗时（前向+反向）"],
  memory: ["memory of one sample", "单个样本的内存"],
} satisfies Record<string, Words>;

export type What = keyof typeof NUMBERS;

export const isWhat = (name: string): name is What => name in NUMBERS;
