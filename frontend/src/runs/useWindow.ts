import { type RefObject, useEffect, useState } from "react";

/** The rows of a long list that can be seen, with some around them. */
export interface Seen {
  from: number;
  to: number;
}

const AROUND = 12;

/** Which of `count` rows, each `height` pixels, are to be drawn inside the scrolling element. */
export function useWindow(box: RefObject<HTMLElement | null>, count: number, height: number): Seen {
  const [seen, setSeen] = useState({ top: 0, size: 800 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const top = Math.floor(element.scrollTop / height / AROUND) * AROUND;
      const size = element.clientHeight;
      setSeen((before) => (before.top === top && before.size === size ? before : { top, size }));
    };
    look();
    const watching = new ResizeObserver(look);
    watching.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      watching.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [box, height]);
  const from = Math.min(Math.max(0, seen.top - AROUND), Math.max(0, count - 1));
  return { from, to: Math.min(count, seen.top + Math.ceil(seen.size / height) + 2 * AROUND) };
}

/** Scrolls a row into view inside its box, below a header of `head` pixels. */
export function reveal(box: HTMLElement | null, row: number, height: number, head = 0): void {
  if (!box) return;
  const top = row * height;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + height > box.scrollTop + box.clientHeight - head)
    box.scrollTop = top + height - box.clientHeight + head;
}
