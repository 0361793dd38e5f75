import type { Edit, Fault } from "../api/messages";

type Step = string | number;

const PLAIN = /^[^.[\]"\s=]+$/;
const STEP = /\.?([^.[\]"\s=]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g;

/** A place of the document as text: `data.augment[0].RandomCrop`, keys with dots in quotes. */
export function placeText(steps: readonly Step[]): string {
  const texts = steps.map((step) =>
    typeof step === "number" ? `[${step}]` : PLAIN.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`,
  );
  return texts.join("").replace(/^\./, "");
}

export function placeSteps(place: string): Step[] {
  return [...place.matchAll(STEP)].map(([, key, number, quoted]) =>
    number !== undefined ? Number(number) : quoted !== undefined ? JSON.parse(quoted) : (key ?? ""),
  );
}

/** A place below another one. */
export function below(place: string, ...steps: Step[]): string {
  return placeText([...placeSteps(place), ...steps]);
}

/** What stands at a place; a bare name is a part without arguments. */
export function valueAt(document: unknown, place: string): unknown {
  let value = document;
  for (const step of placeSteps(place)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<Step, unknown>)[step];
  }
  return value;
}

/** The faults at a place and, with `inside`, below it. */
export function faultsAt(faults: readonly Fault[], place: string, inside = false): Fault[] {
  return faults.filter(
    (fault) =>
      fault.place === place ||
      (inside && (fault.place.startsWith(`${place}.`) || fault.place.startsWith(`${place}[`))),
  );
}

/** A document with what single values will be when edits that wait are answered: a field shows at once what was typed. */
export function foreseen(document: unknown, edits: readonly Edit[]): unknown {
  let found = document;
  for (const edit of edits) {
    if (edit.do === "set") found = put(found, placeSteps(edit.path), edit.value);
    else if (edit.do === "unset") found = put(found, placeSteps(edit.path), undefined);
  }
  return found;
}

function put(value: unknown, steps: readonly Step[], next: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return next;
  if (Array.isArray(value) && typeof step === "number") {
    const inner = put(value[step], rest, next);
    const [before, after] = [value.slice(0, step), value.slice(step + 1)];
    return inner === undefined ? [...before, ...after] : [...before, inner, ...after];
  }
  if (Array.isArray(value) || typeof step === "number") return value;
  const mapping = (typeof value === "string" ? { [value]: {} } : (value ?? {})) as Record<string, unknown>;
  const inner = put(mapping[step], rest, next);
  const { [step]: _, ...left } = mapping;
  return inner === undefined ? left : { ...mapping, [step]: inner };
}
