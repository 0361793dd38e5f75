import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { place } from "./Popup";
import { type Tip, watchTips } from "./tips";

/** The one tip of the page, for whatever has `data-tip`. Screen readers have the labels themselves. */
export function Tips() {
  const box = useRef<HTMLDivElement>(null);
  const [tip, setTip] = useState<Tip | null>(null);
  useEffect(() => watchTips(setTip), []);
  useLayoutEffect(() => {
    if (!box.current || !tip) return;
    box.current.showPopover();
    place(box.current, tip.anchor, "center");
    return () => box.current?.hidePopover();
  }, [tip]);
  return (
    <div ref={box} popover="manual" className="tip" aria-hidden>
      {tip?.text}
      {tip?.keys && <kbd>{tip.keys}</kbd>}
    </div>
  );
}
