import { get, send } from "../api/client";
import type { Drawing, Exported, Parts, ViewRequest } from "../api/messages";
import { memory } from "../canvas/memory";
import { flow } from "../canvas/state";
import { sheetOf } from "../canvas/useSheet";
import { levelOf } from "../canvas/wires";
import { fileName, save } from "../charts/exporting";
import type { OpenDocument } from "../experiment/document";
import { svgOf } from "./svg";

export type Form = "script" | "network" | "document" | "svg" | "png";

const SHARPER = 2;
/** Browsers make no larger pictures. */
const LARGEST = 16_000;

/** Hands an open document, as it is now, to the browser's downloads. */
export async function take(form: Form, folder: string, document: OpenDocument): Promise<void> {
  const text = document.get()?.editing.text ?? "";
  const stem = document.path.replace(/^.*\//, "").replace(/\.(ya?ml|json)$/i, "");
  if (form === "document")
    return save(new Blob([text], { type: "text/yaml" }), document.path.replace(/^.*\//, ""));
  if (form === "script" || form === "network") {
    const made = await send<Exported>("POST", "export-text", { text, path: document.path, to: form });
    return save(new Blob([made.text], { type: "text/x-python" }), made.name);
  }
  const { name, svg } = await picture(folder, document, { text, path: document.path });
  const title = name ? `${stem}-${name}` : stem;
  if (form === "svg") return save(new Blob([svg], { type: "image/svg+xml" }), fileName(title, "svg"));
  const png = await pngOf(svg);
  if (png) save(png, fileName(title, "png"));
}

/** The level that is open, as the page showed it last. */
async function picture(folder: string, document: OpenDocument, asked: ViewRequest) {
  const params = new URLSearchParams(location.search);
  const [name, instance] = [params.get("level") ?? "", params.get("instance") ?? ""];
  const instances = instance ? { [name]: instance } : {};
  const [drawing, { parts }] = await Promise.all([
    send<Drawing>("POST", "draw", { ...asked, edits: [], instances }),
    get<Parts>("parts"),
  ]);
  const level = levelOf(drawing, name) ?? levelOf(drawing, "");
  if (!level) throw new Error("there is nothing to draw yet");
  const seen = memory.get(sheetOf(folder, document))?.get(level.name);
  const byName = new Map(parts.map((part) => [part.name, part]));
  return { name: level.name, svg: svgOf({ drawing, level, direction: flow.get(), seen, parts: byName }) };
}

async function pngOf(svg: string): Promise<Blob | null> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  await image.decode();
  const scale = Math.min(SHARPER, LARGEST / Math.max(image.width, image.height));
  const canvas = window.document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
