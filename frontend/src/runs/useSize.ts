import { type RefObject, useEffect, useState } from "react";

/** The inner width and height of an element in pixels, 0 before it is measured. */
export function useSize(box: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watching = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    watching.observe(element);
    return () => watching.disconnect();
  }, [box]);
  return size;
}
