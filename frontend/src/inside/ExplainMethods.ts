import type { Words } from "../ui/words";

export interface Method {
  name: string;
  title: string;
  group: "cam" | "gradients" | "occlusion";
  /** it looks at the maps of a layer, which can be chosen */
  layered: boolean;
  /** it runs the network many times */
  slow: boolean;
  /** what it shows, and what it costs */
  words: Words;
}

export const GROUPS: Record<Method["group"], Words> = {
  cam: ["Maps of a layer (CAM)", "某一层的特征图（CAM）"],
  gradients: ["Gradients of the pixels", "像素梯度"],
  occlusion: ["Hiding parts", "遮挡"],
};

/** Every way to ask where a network looked, by the server's names. */
export const METHODS: readonly Method[] = [
  {
    name: "grad-cam",
    title: "Grad-CAM",
    group: "cam",
    layered: true,
    slow: false,
    words: [
      "The places of a layer that speak for the class, weighed by their mean gradient. Quick, coarse, the usual choice.",
      "用平均梯度加权某一层的特征图，显示支持该类别的位置。快速、较粗略，最常用。",
    ],
  },
  {
    name: "grad-cam++",
    title: "Grad-CAM++",
    group: "cam",
    layered: true,
    slow: false,
    words: [
      "As Grad-CAM, and better where several things of the class are in the picture. Quick.",
      "与 Grad-CAM 类似，图中有多个同类目标时效果更好。快速。",
    ],
  },
  {
    name: "layer-cam",
    title: "Layer-CAM",
    group: "cam",
    layered: true,
    slow: false,
    words: [
      "Weighs each place by its own gradient, so that earlier layers give fine maps too. Quick.",
      "按每个位置自身的梯度加权，较浅的层也能得到精细的图。快速。",
    ],
  },
  {
    name: "hires-cam",
    title: "HiRes-CAM",
    group: "cam",
    layered: true,
    slow: false,
    words: [
      "Gradients place by place, of both signs; exact where only a linear layer follows. Quick.",
      "逐位置使用带正负号的梯度；若其后只有线性层，则结果是精确的。快速。",
    ],
  },
  {
    name: "eigen-cam",
    title: "Eigen-CAM",
    group: "cam",
    layered: true,
    slow: false,
    words: [
      "What the maps of a layer have most in common; it is the same for every class. Quick.",
      "某一层特征图的主成分，与类别无关。快速。",
    ],
  },
  {
    name: "cam",
    title: "CAM",
    group: "cam",
    layered: true,
    slow: false,
    words: [
      "The first of its kind, for networks that end with global average pooling and one linear layer. Quick.",
      "最早的方法，适用于以全局平均池化加一个线性层结尾的网络。快速。",
    ],
  },
  {
    name: "score-cam",
    title: "Score-CAM",
    group: "cam",
    layered: true,
    slow: true,
    words: [
      "Shows the network the picture through each map in turn, without gradients. Slow: one pass for each channel.",
      "依次用每张特征图遮罩图片再送入网络，不用梯度。较慢：每个通道一次前向。",
    ],
  },
  {
    name: "saliency",
    title: "Saliency",
    group: "gradients",
    layered: false,
    slow: false,
    words: [
      "How much the score changes with each pixel. Quick, fine and noisy.",
      "得分随每个像素变化的程度。快速、精细，但噪声大。",
    ],
  },
  {
    name: "smoothgrad",
    title: "SmoothGrad",
    group: "gradients",
    layered: false,
    slow: true,
    words: [
      "Saliency, averaged over noisy copies of the picture: calmer. Some dozens of passes.",
      "对加噪图片的显著图取平均，更平滑。需要几十次前向和反向。",
    ],
  },
  {
    name: "integrated-gradients",
    title: "Integrated gradients",
    group: "gradients",
    layered: false,
    slow: true,
    words: [
      "Each pixel's share of the score, on the way from the mean colour to the picture. Some dozens of passes.",
      "从平均颜色逐步过渡到原图，累计每个像素对得分的贡献。需要几十次前向和反向。",
    ],
  },
  {
    name: "occlusion",
    title: "Occlusion",
    group: "occlusion",
    layered: false,
    slow: true,
    words: [
      "How much the score falls when a patch is hidden: what one would try by hand. Slow: one pass for each patch.",
      "遮住一小块后得分下降多少，最直观。较慢：每块一次前向。",
    ],
  },
];

export function methodOf(name: string): Method {
  return METHODS.find((method) => method.name === name) ?? (METHODS[0] as Method);
}
