import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { useSay, type Words } from "../ui/words";

const WIDTH: Words = ["Width of the list", "列表宽度"];
const [LEAST, MOST] = [200, 640];

/** The line between list and view: drag it, or move it with the arrows. */
export function Splitter({ width, onChange }: { width: number; onChange: (width: number) => void }) {
  const say = useSay();
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (wanted: number) => onChange(Math.round(Math.min(MOST, Math.max(LEAST, wanted))));
  const down = (event: PointerEvent<HTMLHRElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width };
  };
  const move = (event: PointerEvent) => {
    if (from.current) set(from.current.width + event.clientX - from.current.x);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (step) set(width + step);
  };
  return (
    <hr
      className="runs-splitter"
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
