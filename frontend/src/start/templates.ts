import type { Words } from "../ui/words";

/** Something that a template cannot know: asked before it trains, given as `--set` takes it. */
export interface Need {
  setting: string;
  label: Words;
  first: string;
}

/** What the page says of a template that it knows; others are said by their own first line. */
export interface Told {
  title: Words;
  text: Words;
  needs: Need[];
}

export const TOLD: Record<string, Told> = {
  shapes: {
    title: ["Shapes", "图形分类"],
    text: [
      "A first model: tell circles, stars, arrows and letters apart. The pictures are drawn here, nothing is downloaded. About a minute.",
      "第一个模型：区分圆形、星形、箭头和字母。图片在本地绘制，无需下载，约一分钟。",
    ],
    needs: [],
  },
  fashion: {
    title: ["Fashion-MNIST", "Fashion-MNIST 服装"],
    text: [
      "LeNet on 60,000 grey pictures of clothes in ten classes: about 90 % right after a minute or two.",
      "用 LeNet 识别 60,000 张服装灰度图，共十类：一两分钟后准确率约 90%。",
    ],
    needs: [
      {
        setting: "data.source.FashionMNIST.root",
        label: ["Folder with the four idx files", "四个 idx 文件所在的文件夹"],
        first: "data",
      },
    ],
  },
  pictures: {
    title: ["Your own pictures", "自己的图片"],
    text: [
      "A folder of pictures with one folder inside it for each class, such as cats and dogs.",
      "一个图片文件夹，其中每个类别一个子文件夹，例如 cats 和 dogs。",
    ],
    needs: [
      {
        setting: "data.source.ImageFolder.root",
        label: ["Folder of pictures", "图片文件夹"],
        first: "pictures",
      },
    ],
  },
  table: {
    title: ["A table", "表格数据"],
    text: ["A .csv file with a column to predict.", "一个 .csv 文件，预测其中一列。"],
    needs: [
      { setting: "data.source.Table.path", label: ["CSV file", "CSV 文件"], first: "table.csv" },
      { setting: "data.source.Table.target", label: ["Column to predict", "要预测的列"], first: "target" },
    ],
  },
};

/** Well-known networks, which need no data of one's own. */
export const NETWORKS: Record<string, Told> = {
  lenet: {
    title: ["LeNet", "LeNet"],
    text: ["Convolutions · 1998", "卷积 · 1998"],
    needs: [],
  },
  alexnet: {
    title: ["AlexNet", "AlexNet"],
    text: ["Deeper convolutions · 2012", "更深的卷积 · 2012"],
    needs: [],
  },
  resnet18: {
    title: ["ResNet-18", "ResNet-18"],
    text: ["Residual blocks · 2015", "残差块 · 2015"],
    needs: [],
  },
  unet: {
    title: ["U-Net", "U-Net"],
    text: ["Segmentation · 2015", "分割 · 2015"],
    needs: [],
  },
  transformer: {
    title: ["Transformer encoder", "Transformer 编码器"],
    text: ["Attention · 2017", "注意力 · 2017"],
    needs: [],
  },
  lstm: {
    title: ["LSTM", "LSTM"],
    text: ["Recurrent · 1997", "循环网络 · 1997"],
    needs: [],
  },
};
Object.assign(TOLD, NETWORKS);

/** A template whose data can be dropped on its card: the source that reads them, and its argument for the place. */
export const DROPS: Record<string, [string, string]> = { pictures: ["ImageFolder", "root"] };

/** A template can offer to fetch its data. */
export const DOWNLOADS: Record<string, { setting: string; label: Words }> = {
  fashion: {
    setting: "data.source.FashionMNIST.download",
    label: ["Download them there first (30 MB)", "先下载到该文件夹（30 MB）"],
  },
};

/** A setting as `--set` takes it; a text in quotes, so that `yes` or `#1` stays what it is. */
export function setting(path: string, value: string | boolean): string {
  return `${path}=${JSON.stringify(value)}`;
}

/** The first of `name.yaml`, `name-2.yaml`... that is free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const path = count === 1 ? `${name}.yaml` : `${name}-${count}.yaml`;
    if (!taken.has(path)) return path;
  }
}
