/** A value that stays in the browser over reloads, and is the same in all its tabs. */
export interface Kept<T> {
  get: () => T;
  set: (value: T) => void;
  subscribe: (changed: () => void) => () => void;
}

const PREFIX = "torchwork.";

/** The value under `name`; private windows that forbid storage keep it until the page is closed. */
export function kept<T>(name: string, first: T): Kept<T> {
  const key = PREFIX + name;
  let value = read(key, first);
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const changed of listeners) changed();
  };
  window.addEventListener("storage", (event) => {
    if (event.key !== key) return;
    value = read(key, first);
    tell();
  });
  return {
    get: () => value,
    set: (next) => {
      value = next;
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // full or forbidden: the value lives as long as the page
      }
      tell();
    },
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

function read<T>(key: string, first: T): T {
  try {
    const text = localStorage.getItem(key);
    return text === null ? first : (JSON.parse(text) as T);
  } catch {
    return first;
  }
}
