import { expect, it } from "vitest";
import { addressOf, answered, ending, filesOf, isRight, REMEMBERED, remembered, type Try } from "./tries";

const one = (id: number, truth: string | null = null): Try => ({
  id,
  name: `${id}.png`,
  picture: "",
  truth,
  answer: null,
  refused: "",
});
const says = (label: string, truth: string | null = null) => ({
  name: "x",
  scores: [{ label, score: 0.9 }],
  value: [],
  places: false,
  truth,
});

it("remembers the last ones and hands back those that go", () => {
  let list: Try[] = [];
  for (let id = 1; id <= REMEMBERED; id++) list = remembered(list, one(id)).list;
  const next = remembered(list, one(99));
  expect(next.list[0]?.id).toBe(99);
  expect(next.list).toHaveLength(REMEMBERED);
  expect(next.gone.map(({ id }) => id)).toEqual([1]);
});
it("stands in the address by the name under which it is found again", () => {
  const file = new File(["a"], "a.png");
  expect(addressOf({ file }, "a.png")).toMatchObject({ upload: null, name: null, sample: null });
  expect(addressOf({ file, upload: "u" }, "a.png")).toMatchObject({
    upload: "u",
    name: "a.png",
    target: null,
  });
  expect(addressOf({ sample: 0, split: "train" })).toMatchObject({
    sample: "0",
    split: "train",
    upload: null,
  });
});
it("gives an answer to the try that asked, however late it comes", () => {
  const list = answered([one(2), one(1)], 1, says("cat"));
  expect(list[0]?.answer).toBeNull();
  expect(list[1]?.answer?.scores[0]?.label).toBe("cat");
  expect(answered(list, 2, "no picture")[0]?.refused).toBe("no picture");
});
it("is right or wrong only where the truth is known", () => {
  const [right] = answered([one(1, "cat")], 1, says("cat"));
  const [wrong] = answered([one(1)], 1, says("cat", "dog"));
  expect([right, wrong, one(1)].map((each) => isRight(each as Try))).toEqual([true, false, null]);
});
it("is neither right nor wrong where a score is the share of the pixels that a class has", () => {
  const [ground] = answered([one(1)], 1, { ...says("ground", "circle"), places: true });
  expect(isRight(ground as Try)).toBeNull();
});
it("takes pictures of what was dropped, or else one file", () => {
  const [text, picture] = [
    new File(["a"], "a.txt", { type: "text/plain" }),
    new File(["b"], "b.png", { type: "image/png" }),
  ];
  const files = (list: File[]) => filesOf({ files: list as unknown as FileList }).map(({ name }) => name);
  expect(files([text, picture])).toEqual(["b.png"]);
  expect(files([text, text])).toEqual(["a.txt"]);
  expect(filesOf(null)).toEqual([]);
});
it("says of a file what it is in a few letters", () => {
  expect(["a.txt", "picture.jpeg", "#12", "noending"].map(ending)).toEqual(["TXT", "JPEG", "#12", "?"]);
});
