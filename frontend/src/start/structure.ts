import type { TemplateLevel, TemplateNode } from "../api/messages";
import { type Block, kindOf } from "./layers";

/** A network with what its definitions hold, from left to right. */
export interface Structure {
  blocks: Block[];
  /** what a definition holds, each time it is used */
  frames: { name: string; x: number; width: number; height: number; depth: number }[];
  /** connections that pass something by */
  arcs: { from: number; to: number; fromHeight: number; toHeight: number }[];
  width: number;
}

const GAP = 1.6;
const [TALLEST, LOWEST] = [52, 12];
const SHRINK = 0.72;
const WIDTH: Partial<Record<Block["kind"], number>> = {
  conv: 7,
  linear: 7,
  pool: 5,
  flatten: 6,
  attention: 10,
  recurrent: 22,
};
/** Deeper than this no picture leads. */
const DEEPEST = 5;
const MOST = 400;
const OPERATIONS = /^(add|mul|cat|stack|sub|matmul)$/;

/** The picture of a network: pooling makes what follows lower, widening it again higher, as tensors are. */
export function structure(levels: readonly TemplateLevel[]): Structure {
  return new Drawer(levels).drawn();
}

class Drawer {
  private found: Structure = { blocks: [], frames: [], arcs: [], width: 0 };
  private x = 0;
  private size: number;

  constructor(private levels: readonly TemplateLevel[]) {
    const pictures = levels.some(({ nodes }) => nodes.some((node) => kindOf(node.type) === "conv"));
    this.size = pictures ? TALLEST : TALLEST * 0.6;
  }

  drawn(): Structure {
    const main = this.levels.find((level) => level.name === "");
    this.block("input", "input", 2.5, this.size);
    if (main) this.level(main, 0);
    this.found.width = Math.max(0, this.x - GAP);
    return this.found;
  }

  private level({ nodes }: TemplateLevel, depth: number): void {
    const ends = new Map<string, { x: number; height: number }>();
    const begin = { x: this.x - GAP / 2, height: this.size };
    let before = "";
    for (const node of nodes) {
      const start = { x: this.x, height: this.size };
      this.node(node, depth);
      for (const source of new Set(node.sources)) {
        if (source === before || (!before && !ends.has(source))) continue;
        const from = ends.get(source) ?? begin;
        if (start.x - from.x > 2 * GAP)
          this.found.arcs.push({
            from: from.x,
            to: start.x,
            fromHeight: from.height,
            toHeight: start.height,
          });
      }
      ends.set(node.name, { x: this.x - GAP / 2, height: this.size });
      before = node.name;
    }
  }

  private node(node: TemplateNode, depth: number): void {
    const inner = this.levels.find((level) => level.name === node.type && level.name);
    for (let count = 0; count < Math.min(node.repeat, 6); count++) {
      if (!inner || depth >= DEEPEST || this.found.blocks.length > MOST) this.layer(node);
      else this.definition(inner, depth);
    }
  }

  private definition(inner: TemplateLevel, depth: number): void {
    const start = { x: this.x, first: this.found.blocks.length };
    this.level(inner, depth + 1);
    const own = this.found.blocks.slice(start.first);
    const height = Math.max(0, ...own.map((block) => Math.max(block.left, block.right)));
    this.found.frames.push({ name: inner.name, x: start.x, width: this.x - GAP - start.x, height, depth });
    this.x += GAP;
  }

  private layer(node: TemplateNode): void {
    const kind = kindOf(node.type);
    const after = Math.min(TALLEST, Math.max(LOWEST, this.size * this.scale(node)));
    const width = OPERATIONS.test(node.type) ? 2.5 : (WIDTH[kind] ?? 2.5);
    this.block(kind, node.type, width, after);
  }

  private scale({ type, stride }: TemplateNode): number {
    if (/^Adaptive|^(Flatten|flatten|mean)$/.test(type)) return Math.min(1, (2 * LOWEST) / this.size);
    if (/^ConvTranspose|^Upsample|^PixelShuffle/.test(type)) return 1 / SHRINK;
    return kindOf(type) === "pool" || stride > 1 ? SHRINK : 1;
  }

  private block(kind: Block["kind"], name: string, width: number, after: number): void {
    this.found.blocks.push({ kind, name, x: this.x, width, left: this.size, right: after });
    this.x += width + GAP;
    this.size = after;
  }
}
