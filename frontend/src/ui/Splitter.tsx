import { type KeyboardEvent, type PointerEvent, useRef } from "react";

const STEP = 16;

interface Props {
  label: string;
  className: string;
  width: number;
  range: readonly [least: number, most: number];
  /** the part whose width it is lies behind the line, not before it */
  behind?: boolean;
  onChange: (width: number) => void;
}

/** The line between two parts of a page: drag it, or move it with the arrows. */
export function Splitter({ label, className, width, range: [least, most], behind = false, onChange }: Props) {
  const grows = behind ? -1 : 1;
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (wanted: number) => onChange(Math.round(Math.min(most, Math.max(least, wanted))));
  const down = (event: PointerEvent<HTMLHRElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width };
  };
  const move = (event: PointerEvent) => {
    if (from.current) set(from.current.width + grows * (event.clientX - from.current.x));
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (step) set(width + grows * step);
  };
  return (
    <hr
      className={className}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
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
