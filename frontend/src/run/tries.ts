import type { Prediction } from "../api/messages";

/** Where a picture comes from: a file of somebody's, or a sample of a split (validation where none is named). */
export interface Source {
  file?: Blob;
  /** the name by which the server holds it, once it was sent */
  upload?: string;
  sample?: number;
  split?: string;
}

/** One picture that was tried, and what the model said of it. */
export interface Try {
  id: number;
  name: string;
  /** where the picture is: a blob or data URL; empty where it is no picture */
  picture: string;
  truth: string | null;
  answer: Prediction | null;
  refused: string;
  source?: Source;
}

/** A try in the address, so that it is there after a reload; what was asked of another one goes. */
export function addressOf({ sample, split, upload }: Source, name = ""): Record<string, string | null> {
  return {
    sample: sample === undefined ? null : String(sample),
    split: split || null,
    upload: upload ?? null,
    name: upload ? name : null,
    target: null,
    region: null,
    input: null,
    at: null,
  };
}

export const REMEMBERED = 12;

/** The tries with a new one in front; those that fall off the end come too, so that their pictures can be let go. */
export function remembered(list: readonly Try[], next: Try): { list: Try[]; gone: Try[] } {
  const all = [next, ...list];
  return { list: all.slice(0, REMEMBERED), gone: all.slice(REMEMBERED) };
}

/** The list with what the server said of one try. */
export function answered(list: readonly Try[], id: number, answer: Prediction | string): Try[] {
  return list.map((one) => {
    if (one.id !== id) return one;
    if (typeof answer === "string") return { ...one, refused: answer };
    return { ...one, answer, truth: answer.truth ?? one.truth };
  });
}

/** The list with other values of one try. */
export function changed(list: readonly Try[], id: number, values: Partial<Try>): Try[] {
  return list.map((one) => (one.id === id ? { ...one, ...values } : one));
}

/** Whether the best class is the true one; null where nobody knows the truth, or each pixel has its own. */
export function isRight(one: Try): boolean | null {
  const best = one.answer?.scores[0];
  return one.truth === null || !best || one.answer?.places ? null : best.label === one.truth;
}

/** The pictures among what was dropped or pasted; other files too, for the server says best what they lack. */
export function filesOf(data: Pick<DataTransfer, "files"> | null): File[] {
  const files = [...(data?.files ?? [])];
  const pictures = files.filter((file) => file.type.startsWith("image/"));
  return pictures.length > 0 ? pictures : files.slice(0, 1);
}

/** What a file is by its name, in the few letters for which there is room: `TXT`. */
export function ending(name: string): string {
  return /\.(\w{1,4})$/.exec(name)?.[1]?.toUpperCase() ?? (name.startsWith("#") ? name : "?");
}
