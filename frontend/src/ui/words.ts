import { useSyncExternalStore } from "react";
import { kept } from "./kept";

/** A label in English and Chinese; `{name}` stands for a value. */
export type Words = readonly [english: string, chinese: string];
export type Language = "en" | "zh";

const chosen = kept<Language>("language", navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

export const language = chosen.get;

export function setLanguage(value: Language): void {
  chosen.set(value);
  document.documentElement.lang = value === "zh" ? "zh-Hans" : "en";
}

/** Says words in the person's language, with its values put in. */
export function say(words: Words, values: Record<string, string | number> = {}): string {
  const text = words[language() === "zh" ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Sentences in a row: a blank between them, none behind a Chinese mark. */
export function inRow(texts: readonly (string | false)[]): string {
  return texts
    .filter(Boolean)
    .join(" ")
    .replace(/([。；：！？]) /g, "$1");
}

/** `say`, for components: they are drawn again when the language changes. */
export function useSay(): typeof say {
  useSyncExternalStore(chosen.subscribe, chosen.get);
  return say;
}

export function useLanguage(): Language {
  return useSyncExternalStore(chosen.subscribe, chosen.get);
}
