import { expect, it } from "vitest";
import { readWish, written } from "./ExplainWish";

const params = (values: Record<string, string | null>) =>
  new URLSearchParams(Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== null));

it("stands in the address and is read from it", () => {
  const wish = {
    method: "occlusion",
    layer: "features.3",
    target: 4,
    region: [1, 2, 3, 4] as [number, number, number, number],
    input: "right",
  };
  const { method: _, ...rest } = wish;
  expect(readWish(params(written(wish)))).toEqual(rest);
  expect(Object.values(written({ method: "cam", layer: "", target: null, region: null, input: "" }))).toEqual(
    [null, null, null, null],
  );
});
it("takes what is no class and no region for none", () => {
  for (const region of ["1,2,3", "4,4,2,9", "a", "1,2,3,-4"])
    expect(readWish(params({ region, target: "-1" }))).toEqual({
      layer: "",
      target: null,
      region: null,
      input: "",
    });
});
