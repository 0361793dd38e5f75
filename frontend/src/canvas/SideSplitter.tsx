import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { useSay, type Words } from "../ui/words";

const WIDTH: Words = ["Width of the side", "侧栏宽度"];
const [LEAST, MOST] = [240, 900];

/** The line between sheet and side: drag it, or move it with the arrows. */
export function SideSplitter({ width, onChange }: { width: number; onChange: (width: number) => void }) {
  const say = useSay();
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (wanted: number) => onChange(Math.round(Math.min(MOST, Math.max(LEAST, wanted))));
  const down = (event: PointerEvent<HTMLHRElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width };
  };
  const move = (event: PointerEvent) => {
    if (from.current) set(from.current.width + from.current.x - event.clientX);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: 16, ArrowRight: -16 }[event.key];
    if (by) set(width + by);
  };
  return (
    <hr
      className="draw-splitter"
      aria-orientation="vertical"
      aria-label={say(WIDTH)}
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={press}
    />
  );
}
