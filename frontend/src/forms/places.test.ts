import { describe, expect, it } from "vitest";
import type { Fault } from "../api/messages";
import { below, faultsAt, foreseen, placeSteps, placeText, valueAt } from "./places";

describe("places", () => {
  it("are written and read as Python does", () => {
    for (const place of ["train.epochs", "data.augment[0].RandomCrop.size", 'model.tie["decoder.weight"]'])
      expect(placeText(placeSteps(place))).toBe(place);
    expect(below("model.tie", "a.b")).toBe('model.tie["a.b"]');
  });
  it("lead to values, or to nothing", () => {
    const document = { data: { augment: ["RandomHorizontalFlip", { Pad: { padding: 2 } }] } };
    expect(valueAt(document, "data.augment[1].Pad.padding")).toBe(2);
    expect(valueAt(document, "data.augment[0].Pad.padding")).toBeUndefined();
    expect(valueAt(null, "train.epochs")).toBeUndefined();
  });
  it("have the faults that lie in them, and not those of others with the same beginning", () => {
    const fault = (place: string) => ({ place }) as Fault;
    const all = [fault("data.split"), fault("data.split.valid"), fault("data.splitting")];
    expect(faultsAt(all, "data.split", true)).toEqual(all.slice(0, 2));
    expect(faultsAt(all, "data.split")).toEqual(all.slice(0, 1));
  });
});

describe("edits that wait", () => {
  it("are seen at once, bare names getting room for arguments", () => {
    const document = { optimizer: "Adam" };
    const found = foreseen(document, [
      { do: "set", path: "optimizer.Adam.lr", value: 0.1 },
      { do: "set", path: "train.epochs", value: 3 },
    ]);
    expect(found).toEqual({ optimizer: { Adam: { lr: 0.1 } }, train: { epochs: 3 } });
    expect(document).toEqual({ optimizer: "Adam" });
  });
  it("take values away again", () => {
    const document = { data: { augment: ["A", "B"], limit: 5 } };
    const found = foreseen(document, [
      { do: "unset", path: "data.limit" },
      { do: "unset", path: "data.augment[0]" },
    ]);
    expect(found).toEqual({ data: { augment: ["B"] } });
  });
});
