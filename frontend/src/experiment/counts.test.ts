import { expect, it } from "vitest";
import { counted } from "./counts";

it("is short and has three digits at most beside the unit", () => {
  expect([0, 432, 999, 18_500, 1_234_567, 123_456_789].map(counted)).toEqual([
    "0",
    "432",
    "999",
    "18.5 k",
    "1.2 M",
    "123 M",
  ]);
});
