import type { Seen } from "./layout";
import type { Sheet } from "./sheet";

/** Where the nodes of a sheet's levels stand on the screen, by level. */
export const memory = new WeakMap<Sheet, Map<string, Seen>>();
