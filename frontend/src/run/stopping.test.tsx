import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useLive } from "../api/live";
import type { Job } from "../api/messages";
import { Stop as StopJob } from "../jobs/JobsMenu";
import { run } from "../runs/samples";
import { Notices } from "../ui/notices";
import { RunActions } from "./RunActions";
import { RunHead } from "./RunHead";

const calls: string[] = [];
let answer: (body: unknown) => void = () => undefined;

/** A server that answers when the test says so. */
beforeEach(() => {
  calls.length = 0;
  vi.stubGlobal("fetch", (path: string) => {
    calls.push(path);
    return new Promise((resolve) => {
      answer = (body) => resolve(new Response(JSON.stringify(body)));
    });
  });
});
afterEach(() => vi.unstubAllGlobals());

const job = (state: Job["state"]): Job => ({
  id: "j",
  kind: "train",
  document: "",
  run: "runs/a-1",
  state,
  created: "",
  started: "",
  ended: "",
  exit: null,
  error: "",
  settings: [],
});
const queue = (...jobs: Job[]) => ({ jobs, slots: 1, devices: [] });
const shown = (element: ReactElement) => render(<MantineProvider env="test">{element}</MantineProvider>);
const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });

/** jsdom has no popovers: what the browser says when one opens. */
function opened(panel: HTMLElement): void {
  panel.hidePopover = () => undefined;
  fireEvent(panel, Object.assign(new Event("beforetoggle"), { newState: "open" }));
}

it("stops once however often it is clicked, and ends at once only where the label says so", async () => {
  useLive.setState({ queue: queue(job("running")) });
  shown(<RunActions run={run("runs/a-1", { status: "running" })} />);
  fireEvent.click(button("Stop"));
  expect(button("Stop").disabled).toBe(true);
  fireEvent.click(button("Stop"));
  answer(queue(job("stopping")));
  await waitFor(() => expect(button("Stop now").disabled).toBe(false));
  fireEvent.click(button("Stop now"), { detail: 2 });
  expect(calls).toEqual(["/api/runs/stop?run=runs%2Fa-1"]);
  fireEvent.click(button("Stop now"), { detail: 1 });
  expect(calls[1]).toBe("/api/runs/stop?run=runs%2Fa-1&at_once=true");
});

it("does so in the list of trainings too", async () => {
  const { rerender } = render(<StopJob job={job("running")} />);
  fireEvent.click(button("Stop"));
  expect(button("Stop").disabled).toBe(true);
  answer(queue(job("stopping")));
  rerender(<StopJob job={job("stopping")} />);
  await waitFor(() => expect(button("Stop now").disabled).toBe(false));
  fireEvent.click(button("Stop now"));
  expect(calls).toEqual(["/api/jobs/stop?id=j", "/api/jobs/stop?id=j&at_once=true"]);
});

it("says of a run that waits to go on that it waits", async () => {
  useLive.setState({ queue: queue() });
  const stopped = run("runs/a-1", { status: "stopped", epoch: 1, epochs: 3 });
  shown(
    <>
      <RunHead run={stopped} />
      <Notices />
    </>,
  );
  opened(screen.getAllByRole("dialog", { hidden: true })[0] as HTMLElement);
  fireEvent.submit(screen.getByLabelText("Epochs in all").closest("form") as HTMLFormElement);
  answer(job("queued"));
  await screen.findByText("runs/a-1 waits for a free place.");
});

it("takes a run that waits out of the queue", () => {
  useLive.setState({ queue: queue({ ...job("queued"), kind: "resume" }) });
  shown(<RunHead run={run("runs/a-1", { status: "stopped" })} />);
  expect(screen.getByText("waiting in the queue")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Resume" })).toBeNull();
  fireEvent.click(button("Remove from the queue"));
  expect(calls).toEqual(["/api/jobs/stop?id=j"]);
});
