/** What shows a tip: its text, and the keys that do the same. */
export interface Tip {
  text: string;
  keys: string;
  anchor: HTMLElement;
}

const DELAY = 300;
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys as this person's keyboard has them: Ctrl+S, or ⌘S. */
export function keysOf(keys: string): string {
  return MAC ? keys.replace("Ctrl+", "⌘") : keys;
}

/** What names a button without words: for screen readers, and as a tip with its keys (`Ctrl+S`). */
export function tip(text: string, keys?: string) {
  return { "aria-label": text, "data-tip": text, "data-keys": keys };
}

/** Tells which tip is to be seen: soon after the pointer or the keyboard comes, until either leaves or acts. */
export function watchTips(show: (tip: Tip | null) => void): () => void {
  let anchor: HTMLElement | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hide = () => {
    clearTimeout(timer);
    show(null);
  };
  const come = (event: Event) => {
    if (event instanceof PointerEvent && event.pointerType === "touch") return;
    const { target } = event;
    const found = target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;
    if (found === anchor || (event.type === "focusin" && !found?.matches(":focus-visible"))) return;
    if (anchor) hide();
    anchor = found;
    if (found) timer = setTimeout(() => found.isConnected && show(tipOf(found)), DELAY);
  };
  const leave = () => {
    if (anchor) hide();
    anchor = null;
  };
  const listeners: [string, (event: Event) => void][] = [
    ["pointerover", come],
    ["focusin", come],
    ["focusout", leave],
    ["pointerdown", hide],
    ["keydown", hide],
    ["scroll", hide],
  ];
  for (const [name, listener] of listeners) document.addEventListener(name, listener, true);
  document.documentElement.addEventListener("pointerleave", leave);
  return () => {
    hide();
    for (const [name, listener] of listeners) document.removeEventListener(name, listener, true);
    document.documentElement.removeEventListener("pointerleave", leave);
  };
}

function tipOf(anchor: HTMLElement): Tip {
  const { tip = "", keys = "" } = anchor.dataset;
  return { text: tip, keys: keysOf(keys), anchor };
}
