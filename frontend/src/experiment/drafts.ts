/** A text that is not saved yet, kept in the browser with the version of the file that it began from. */
export interface Draft {
  text: string;
  base: string;
}

const PREFIX = "torchwork.draft.";

function keyOf(folder: string, path: string): string {
  return `${PREFIX}${folder}\n${path}`;
}

export function readDraft(folder: string, path: string): Draft | null {
  return parsed(localStorage.getItem(keyOf(folder, path)));
}

function parsed(text: string | null): Draft | null {
  try {
    const found = JSON.parse(text ?? "null");
    return typeof found?.text === "string" && typeof found?.base === "string" ? found : null;
  } catch {
    return null;
  }
}

/** Keeps a draft, or with null forgets it; false where the browser has no room for it. */
export function keepDraft(folder: string, path: string, draft: Draft | null): boolean {
  try {
    if (draft) localStorage.setItem(keyOf(folder, path), JSON.stringify(draft));
    else localStorage.removeItem(keyOf(folder, path));
    return true;
  } catch {
    return false;
  }
}

/** The documents of a folder that have a draft. */
export function draftsOf(folder: string): string[] {
  const start = keyOf(folder, "");
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length));
}

/** Tells when another window of this browser changes a draft; null: it was saved or given up there. */
export function onDraft(folder: string, path: string, told: (draft: Draft | null) => void): () => void {
  const listen = (event: StorageEvent) => {
    if (event.key === keyOf(folder, path)) told(parsed(event.newValue));
  };
  window.addEventListener("storage", listen);
  return () => window.removeEventListener("storage", listen);
}
