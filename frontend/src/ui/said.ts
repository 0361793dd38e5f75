import { create } from "zustand";
import { get } from "../api/client";
import { type Catalogue, translator } from "./sentences";
import { type Language, language, useLanguage } from "./words";

type Said = (text: string) => string;

const asItIs: Said = (text) => text;
const useCatalogue = create<{ said: Said }>(() => ({ said: asItIs }));
const AGAIN = 5000;
let asked = false;

/** What the server said, in the person's language; English as long as there is no other. */
export function said(text: string): string {
  return inLanguage(language(), useCatalogue.getState().said)(text);
}

/** `said`, for components: they are drawn again when the language changes, and when its words have come. */
export function useSaid(): Said {
  return inLanguage(
    useLanguage(),
    useCatalogue((catalogue) => catalogue.said),
  );
}

/** A text of the server where it stands among others. */
export function Said({ text }: { text: string }): string {
  return useSaid()(text);
}

function inLanguage(chosen: Language, said: Said): Said {
  if (chosen === "en") return asItIs;
  load(chosen);
  return said;
}

/** The words come once, when somebody wants them. */
async function load(chosen: Language): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    setCatalogue(await get<Catalogue>("words", { language: chosen }));
  } catch {
    setTimeout(() => {
      asked = false;
    }, AGAIN);
  }
}

export function setCatalogue(catalogue: Catalogue): void {
  asked = true;
  useCatalogue.setState({ said: translator(catalogue) });
}
