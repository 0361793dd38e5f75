import { createContext, useContext } from "react";
import type { Edit, Fault } from "../api/messages";
import type { ToldPart } from "../ui/wordsOfParts";

/** What every form of a document needs. */
export interface FormDesk {
  parts: readonly ToldPart[];
  faults: readonly Fault[];
  readOnly: string | undefined;
  edit: (edits: Edit[]) => void;
  undo: () => void;
}

export const FormContext = createContext<FormDesk>({
  parts: [],
  faults: [],
  readOnly: undefined,
  edit: () => {},
  undo: () => {},
});

export function useForms(): FormDesk {
  return useContext(FormContext);
}

/** The form of a part by its name; kinds have names of their own: `linear` is a function, and a warm-up. */
export function formOf(
  parts: readonly ToldPart[],
  kinds: readonly string[],
  name: string,
): ToldPart | undefined {
  return parts.find((part) => part.name === name && kinds.includes(part.kind));
}
