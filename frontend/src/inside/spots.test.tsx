import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Spot } from "./paper";
import { useSpots } from "./spots";

function Dots({ spots, onOpen }: { spots: readonly Spot[]; onOpen: (place: number) => void }) {
  const { near, props } = useSpots(spots, "dots", onOpen);
  return <div {...props}>{near}</div>;
}

it("finds a point with the pointer or the arrows, and opens it with a click or Enter", () => {
  const onOpen = vi.fn();
  const spots: Spot[] = [
    [10, 10],
    [60, 10],
  ];
  const { rerender } = render(<Dots spots={spots} onOpen={onOpen} />);
  const dots = screen.getByRole("application", { name: "dots" });
  fireEvent.click(dots);
  fireEvent.keyDown(dots, { key: "Enter" });
  expect(onOpen).not.toHaveBeenCalled();
  fireEvent.pointerMove(dots, { clientX: 58, clientY: 12 });
  fireEvent.click(dots);
  expect(onOpen).toHaveBeenLastCalledWith(1);
  fireEvent.pointerLeave(dots);
  expect(dots.textContent).toBe("");
  fireEvent.keyDown(dots, { key: "ArrowRight" });
  fireEvent.keyDown(dots, { key: "ArrowRight" });
  expect(dots.textContent).toBe("1");
  fireEvent.keyDown(dots, { key: "ArrowLeft" });
  fireEvent.keyDown(dots, { key: "Enter" });
  expect(onOpen).toHaveBeenLastCalledWith(0);
  rerender(<Dots spots={[]} onOpen={onOpen} />);
  expect(dots.textContent).toBe("");
});
