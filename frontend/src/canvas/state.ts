import { create } from "zustand";
import { kept } from "../ui/kept";
import type { Words } from "../ui/words";
import type { Direction, Place } from "./layout";

/** Where a new part comes: at a point, behind a source, before inputs, or on a wire (both). */
export interface Adding {
  /** of the box, in the window */
  screen: Place;
  /** on the sheet; null: wherever the layout puts it */
  at: Place | null;
  source: string;
  feeds: [string, number][];
}

/** A question that is answered in place, with one line. */
export interface Asked {
  words: Words;
  value: string;
  number?: boolean;
  done: (value: string) => void;
}

/** What is seen of a drawing beside the drawing itself: it goes with the page. */
interface Desk {
  selected: readonly string[];
  /** the selected wire */
  wire: string;
  hovered: string;
  /** the wire that a dragged node would be put on */
  onto: string;
  renaming: string;
  /** the node whose faults are told */
  told: string;
  adding: Adding | null;
  asked: Asked | null;
  choosing: "" | "commands" | "nodes";
  menu: { screen: Place; node: string; wire: string } | null;
}

const NOTHING: Desk = {
  selected: [],
  wire: "",
  hovered: "",
  onto: "",
  renaming: "",
  told: "",
  adding: null,
  asked: null,
  choosing: "",
  menu: null,
};

export const useDesk = create<Desk>(() => NOTHING);

export function clearDesk(): void {
  useDesk.setState(NOTHING);
}

export function select(names: readonly string[], wire = ""): void {
  const now = useDesk.getState();
  const same = now.selected.length === names.length && names.every((name) => now.selected.includes(name));
  if (!same || now.wire !== wire) useDesk.setState({ selected: same ? now.selected : names, wire });
}

export const flow = kept<Direction>("canvas.direction", "TB");
export const pictured = kept("canvas.pictures", false);
export const side = kept("canvas.side", true);
export const sideWidth = kept("canvas.side.width", 380);
