/** What draws: the same figure goes onto a canvas and into an SVG. Coordinates are CSS pixels, y down. */
export interface Pen {
  begin(): void;
  move(x: number, y: number): void;
  line(x: number, y: number): void;
  stroke(style: Stroke): void;
  /** Fills the path, closed. */
  fill(color: string, alpha?: number): void;
  text(text: string, x: number, y: number, style: TextStyle): void;
  /** Draw only inside a rectangle until `whole`. */
  inside(x: number, y: number, width: number, height: number): void;
  whole(): void;
}

export interface Stroke {
  color: string;
  width: number;
  alpha?: number;
  dash?: readonly number[];
}

export interface TextStyle {
  color: string;
  size: number;
  align?: "start" | "middle" | "end";
  bold?: boolean;
  /** upwards, for the name of a y axis */
  upright?: boolean;
}

export const FONT = "Inter, system-ui, -apple-system, 'Segoe UI', 'Noto Sans SC', sans-serif";
const SOLID: readonly number[] = [];

export class CanvasPen implements Pen {
  constructor(private readonly context: CanvasRenderingContext2D) {}

  begin(): void {
    this.context.beginPath();
  }

  move(x: number, y: number): void {
    this.context.moveTo(x, y);
  }

  line(x: number, y: number): void {
    this.context.lineTo(x, y);
  }

  stroke({ color, width, alpha = 1, dash = SOLID }: Stroke): void {
    const { context } = this;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.lineJoin = "bevel";
    context.setLineDash(dash as number[]);
    context.stroke();
    context.globalAlpha = 1;
  }

  fill(color: string, alpha = 1): void {
    this.context.fillStyle = color;
    this.context.globalAlpha = alpha;
    this.context.fill();
    this.context.globalAlpha = 1;
  }

  text(text: string, x: number, y: number, style: TextStyle): void {
    const { context } = this;
    context.font = `${style.bold ? "600 " : ""}${style.size}px ${FONT}`;
    context.fillStyle = style.color;
    context.textAlign = style.align === "middle" ? "center" : (style.align ?? "start");
    context.textBaseline = "alphabetic";
    if (!style.upright) {
      context.fillText(text, x, y);
      return;
    }
    context.save();
    context.translate(x, y);
    context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0);
    context.restore();
  }

  inside(x: number, y: number, width: number, height: number): void {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
  }

  whole(): void {
    this.context.restore();
  }
}

/** Writes an SVG document. */
export class SvgPen implements Pen {
  private readonly parts: string[] = [];
  private path: string[] = [];
  private clips = 0;

  begin(): void {
    this.path = [];
  }

  move(x: number, y: number): void {
    this.path.push(`M${round(x)} ${round(y)}`);
  }

  line(x: number, y: number): void {
    this.path.push(`L${round(x)} ${round(y)}`);
  }

  stroke({ color, width, alpha = 1, dash = SOLID }: Stroke): void {
    const dashes = dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : "";
    const opacity = alpha < 1 ? ` stroke-opacity="${alpha}"` : "";
    this.parts.push(
      `<path d="${this.path.join("")}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round"${opacity}${dashes}/>`,
    );
  }

  fill(color: string, alpha = 1): void {
    const opacity = alpha < 1 ? ` fill-opacity="${alpha}"` : "";
    this.parts.push(`<path d="${this.path.join("")}Z" fill="${color}"${opacity}/>`);
  }

  text(text: string, x: number, y: number, style: TextStyle): void {
    const turned = style.upright ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : "";
    const weight = style.bold ? ' font-weight="600"' : "";
    this.parts.push(
      `<text x="${round(x)}" y="${round(y)}" fill="${style.color}" font-size="${style.size}" text-anchor="${style.align ?? "start"}"${weight}${turned}>${escaped(text)}</text>`,
    );
  }

  inside(x: number, y: number, width: number, height: number): void {
    const name = `inside${++this.clips}`;
    this.parts.push(
      `<clipPath id="${name}"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath><g clip-path="url(#${name})">`,
    );
  }

  whole(): void {
    this.parts.push("</g>");
  }

  document(width: number, height: number): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}">` +
      `<rect width="${width}" height="${height}" fill="#ffffff"/>\n${this.parts.join("\n")}\n</svg>\n`
    );
  }
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Text that cannot be markup; characters that XML forbids are left out. */
export function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]|\p{Cs}/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
