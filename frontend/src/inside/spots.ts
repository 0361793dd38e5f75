import { type KeyboardEvent, type PointerEvent, useState } from "react";
import type { Look, Spot } from "./paper";

const REACH = 14;

/** Which of many points is meant: the one under the pointer, or where the arrow keys have led; a click opens it. */
export function useSpots(spots: readonly Spot[], label: string, onOpen: (place: number) => void) {
  const [chosen, setNear] = useState<number | null>(null);
  const near = chosen !== null && chosen < spots.length ? chosen : null;
  const open = () => near !== null && onOpen(near);
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") open();
    else {
      const next = near === null ? firstOf(spots, event.key) : beyond(spots, near, event.key);
      if (next === null) return;
      setNear(next);
    }
    event.preventDefault();
  };
  const props = {
    className: near === null ? "embedding" : "embedding over",
    role: "application",
    tabIndex: 0,
    "aria-label": label,
    onPointerMove: ({ currentTarget, clientX, clientY }: PointerEvent) => {
      const { left, top } = currentTarget.getBoundingClientRect();
      setNear(nearest(spots, clientX - left, clientY - top));
    },
    onPointerLeave: () => setNear(null),
    onBlur: () => setNear(null),
    onKeyDown: press,
    onClick: open,
  };
  return { near, props };
}

function firstOf(spots: readonly Spot[], key: string): number | null {
  return key.startsWith("Arrow") && spots.length ? 0 : null;
}

/** The place in the list of the point that is nearest; null: none is near. */
export function nearest(spots: readonly Spot[], x: number, y: number): number | null {
  let [found, least] = [null as number | null, REACH ** 2];
  for (const [place, [px, py]] of spots.entries()) {
    const far = (px - x) ** 2 + (py - y) ** 2;
    if (far < least) [found, least] = [place, far];
  }
  return found;
}

/** The nearest point in the direction of an arrow key, seen from another one. */
export function beyond(spots: readonly Spot[], from: number, key: string): number | null {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const start = spots[from];
  if (!way || !start) return null;
  const [dx, dy] = way as [number, number];
  let [found, least] = [null as number | null, Number.POSITIVE_INFINITY];
  for (const [place, [x, y]] of spots.entries()) {
    const [ahead, aside] = [
      (x - start[0]) * dx + (y - start[1]) * dy,
      Math.abs((x - start[0]) * dy) + Math.abs((y - start[1]) * dx),
    ];
    const far = ahead + 2 * aside;
    if (ahead > 0 && aside <= ahead && far < least) [found, least] = [place, far];
  }
  return found;
}

/** A ring around the point that is meant, drawn twice as large as the others. */
export function ring(pen: CanvasRenderingContext2D, [x, y]: Spot, radius: number, look: Look): void {
  pen.strokeStyle = look.text;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(x, y, 2 * radius + 3, 0, 2 * Math.PI);
  pen.stroke();
}
