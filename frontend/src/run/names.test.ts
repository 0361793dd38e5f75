import { expect, it } from "vitest";
import { freeName } from "./names";

it("finds a name that is not taken", () => {
  expect(freeName("lenet-3", [])).toBe("lenet.yaml");
  expect(freeName("lenet-3", ["lenet.yaml", "lenet-2.yaml"])).toBe("lenet-3.yaml");
  expect(freeName("sub/model.yml", ["sub/model.yaml"])).toBe("sub/model-2.yaml");
  expect(freeName("形状 α:β", [])).toBe("形状 α-β.yaml");
});
