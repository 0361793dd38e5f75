import { createContext, type ReactNode } from "react";
import type { DrawnNode } from "../api/messages";

/** What else is shown in a node, below its shape: a drawing gives its level's nodes `room` for it. */
export const Marks = createContext<((node: DrawnNode) => ReactNode) | null>(null);

/** A node with so many pixels more. */
export type Roomy = DrawnNode & { room?: number };
