import { expect, it } from "vitest";
import { unseen } from "./live";

it("drops of a console what is known already, counted in bytes", () => {
  const news = { text: "损失 0.1\n", begin: 10, offset: 21 };
  expect(unseen(news, 10)).toBe("损失 0.1\n");
  expect(unseen(news, 0)).toBe("损失 0.1\n");
  expect(unseen(news, 16)).toBe(" 0.1\n");
  expect(unseen(news, 21)).toBe("");
  expect(unseen(news, 30)).toBe("");
});
