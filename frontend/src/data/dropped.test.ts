import { expect, it } from "vitest";
import { bodyOf, chosenOf, type Given, nameOf } from "./dropped";

const given = (path: string, text = "x"): Given => ({
  path,
  file: new File([text], path.split("/").at(-1) ?? path),
});

it("calls data after the folder around them, or the file; never like those that are there", () => {
  expect(nameOf([given("ants & bees/train/a.jpg")], [])).toBe("ants _ bees");
  expect(nameOf([given("iris.csv")], [])).toBe("iris");
  expect(nameOf([given("iris.csv")], ["data/iris", "data/iris-2/x.csv", "table.csv"])).toBe("iris-3");
  expect(nameOf([given("蚂蚁/a.jpg")], [])).toBe("蚂蚁");
  expect(nameOf([given("...")], [])).toBe("data");
});

it("leaves out what systems hide", () => {
  const files = ["a.jpg", ".DS_Store"].map((name) => new File([""], name));
  expect(chosenOf(files).map(({ path }) => path)).toEqual(["a.jpg"]);
});

it("packs many files behind their heads, and sends one as it is", async () => {
  const body = bodyOf([given("d/a.txt", "hello"), given("d/b.txt", "")]);
  expect(body.type).toBe("application/x-torchwork-files");
  const bytes = new Uint8Array(await body.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.slice(4, 4 + length)));
  expect(head).toEqual({ path: "d/a.txt", size: 5 });
  expect(new TextDecoder().decode(bytes.slice(4 + length, 9 + length))).toBe("hello");
  const second = view.getUint32(9 + length, true);
  expect(bytes.length).toBe(13 + length + second);
  expect(bodyOf([given("iris.csv", "1,2")]).size).toBe(3);
});
