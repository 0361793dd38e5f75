import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Tried } from "./Tried";
import type { Try } from "./tries";

const failed: Try = {
  id: 1,
  name: "holiday.png",
  picture: "blob:1",
  truth: null,
  answer: null,
  refused: "holiday.png is empty; choose another file",
};

it("names what was tried before, and shows no broken picture", () => {
  const { container } = render(<Tried one={failed} />);
  fireEvent.error(container.querySelector("img") as HTMLElement);
  expect(container.querySelector("img")).toBeNull();
  expect(screen.getByText("holiday.png")).toBeTruthy();
  expect(screen.getByText("PNG")).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toContain("is empty");
});
