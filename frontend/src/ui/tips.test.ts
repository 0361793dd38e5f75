import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Tip, tip, watchTips } from "./tips";

let shown: Tip | null = null;
let stop: () => void;
const pass = (milliseconds: number) => vi.advanceTimersByTime(milliseconds);
const tell = (target: Element, name: string) =>
  target.dispatchEvent(new PointerEvent(name, { bubbles: true }));

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '<button data-tip="Pin" data-keys="P"><i></i></button><p></p>';
  stop = watchTips((found) => {
    shown = found;
  });
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

const button = () => document.querySelector("button") as HTMLButtonElement;

test("a tip with its keys comes soon after the pointer, wherever in the button that is, and goes with it", () => {
  tell(document.querySelector("i") as Element, "pointerover");
  pass(200);
  expect(shown).toBeNull();
  pass(200);
  expect(shown).toMatchObject({ text: "Pin", keys: "P", anchor: button() });
  tell(document.querySelector("p") as Element, "pointerover");
  expect(shown).toBeNull();
});

test("a press hides the tip, and it does not come back before the pointer does", () => {
  tell(button(), "pointerover");
  pass(400);
  tell(button(), "pointerdown");
  expect(shown).toBeNull();
  tell(document.querySelector("i") as Element, "pointerover");
  pass(400);
  expect(shown).toBeNull();
});

test("Escape hides it; a button that is gone by then has none", () => {
  tell(button(), "pointerover");
  pass(400);
  button().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(shown).toBeNull();
  tell(document.querySelector("p") as Element, "pointerover");
  tell(button(), "pointerover");
  button().remove();
  pass(400);
  expect(shown).toBeNull();
});

test("what names a button is told to screen readers too", () => {
  expect(tip("Pin", "P")).toEqual({ "aria-label": "Pin", "data-tip": "Pin", "data-keys": "P" });
});
