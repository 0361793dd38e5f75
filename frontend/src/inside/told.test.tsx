import { act, render } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { RefusedError } from "../api/client";
import { useLive } from "../api/live";
import { useAsked } from "./told";

interface Question {
  of: string;
  news: number;
  ask: () => Promise<string>;
}

function Told({ of, ...asked }: Question) {
  const { value, refused, busy } = useAsked(of, asked);
  return <p>{`${value} ${refused} ${busy}`}</p>;
}

it("asks anew for other news, keeps the last answer meanwhile, and waits for a server that is away", async () => {
  useLive.setState({ connection: "open" });
  const answers: ((text: string) => void)[] = [];
  const ask = vi.fn(() => new Promise<string>((answer) => answers.push(answer)));
  const { container, rerender } = render(<Told of="a" news={1} ask={ask} />);
  const text = () => container.textContent;
  await act(async () => answers[0]?.("one"));
  expect(text()).toBe("one  false");
  rerender(<Told of="a" news={2} ask={ask} />);
  await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(2));
  expect(text()).toBe("one  false");
  await act(async () => answers[1]?.("two"));
  expect(text()).toBe("two  false");

  const away = new RefusedError(0, { message: "away", problems: [], stored: null });
  ask.mockRejectedValueOnce(away);
  rerender(<Told of="b" news={2} ask={ask} />);
  await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(3));
  expect(text()).toBe("two  true");
  act(() => useLive.setState({ connection: "lost" }));
  act(() => useLive.setState({ connection: "open" }));
  await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(4));
  await act(async () => answers[2]?.("three"));
  expect(text()).toBe("three  false");
});
