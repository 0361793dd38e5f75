import { expect, test, vi } from "vitest";
import { renewWhenUpdated } from "./renewing";

test("a page whose parts are gone is loaded anew, and not again and again", () => {
  const reload = vi.fn();
  renewWhenUpdated(reload);
  dispatchEvent(new Event("vite:preloadError"));
  dispatchEvent(new Event("vite:preloadError"));
  expect(reload).toHaveBeenCalledTimes(1);
});
