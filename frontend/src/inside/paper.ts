import { useComputedColorScheme } from "@mantine/core";
import { type RefObject, useEffect, useRef } from "react";

/** Width and height, or a place. */
export type Spot = readonly [x: number, y: number];

/** The colours and letters of the page. */
export interface Look {
  text: string;
  faint: string;
  line: string;
  font: string;
}

export type Paint = (pen: CanvasRenderingContext2D, look: Look) => void;

/** A canvas of that size in CSS pixels; painted anew when `paint` is another, and in the colours of another scheme. */
export function usePaper([width, height]: Spot, paint: Paint): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours
  useEffect(() => {
    if (!canvas.current || width === 0) return;
    const pen = penOf(canvas.current, width, height);
    if (pen) paint(pen, lookOf(canvas.current));
  }, [width, height, paint, scheme]);
  return canvas;
}

/** An empty canvas as sharp as the screen; coordinates are CSS pixels. */
function penOf(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen?.scale(scale, scale);
  return pen;
}

/** The colours of the page as they are now. */
function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element);
  const of = (name: string) => {
    // a variable may be light-dark(): what it comes to is known of a colour only
    element.style.setProperty("outline-color", `var(${name})`);
    const found = style.outlineColor;
    element.style.removeProperty("outline-color");
    return found;
  };
  return { text: style.color, faint: of("--faint"), line: of("--line"), font: `11px ${style.fontFamily}` };
}
