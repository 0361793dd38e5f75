import { useCallback, useEffect, useState } from "react";
import { get } from "../api/client";
import type { Mistake, Mistakes } from "../api/messages";
import type { Cell } from "./ConfusionCells";
import { told, useConnected } from "./told";

export type Order = "loss" | "confidence";

const COUNT = 24;

interface Listed {
  total: number;
  list: Mistake[];
  refused: string;
  busy: boolean;
}

const NOTHING: Listed = { total: 0, list: [], refused: "", busy: true };

/** The samples of a cell, or all mistakes, a page at a time; `more` asks for the next. */
export function useMistakes(
  run: string,
  split: string,
  cell: Cell,
  order: Order,
): Listed & { more: () => void } {
  const [listed, setListed] = useState(NOTHING);
  const [pages, setPages] = useState(1);
  const { label, predicted } = cell;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins with its first page
  useEffect(() => {
    setPages(1);
    setListed(NOTHING);
  }, [run, split, label, predicted, order]);
  const connected = useConnected();
  useEffect(() => {
    if (!connected) return;
    const abort = new AbortController();
    const from = (pages - 1) * COUNT;
    setListed((before) => ({ ...before, busy: true }));
    const asked = { run, split, label, predicted, order, from, n: COUNT };
    get<Mistakes>("inside/mistakes", asked, abort.signal).then(
      ({ total, mistakes }) =>
        setListed(({ list }) => ({
          total,
          list: [...list.slice(0, from), ...mistakes],
          refused: "",
          busy: false,
        })),
      (error) => {
        const refused = abort.signal.aborted ? "" : told(error);
        if (refused) setListed((before) => ({ ...before, refused, busy: false }));
      },
    );
    return () => abort.abort();
  }, [run, split, label, predicted, order, pages, connected]);
  const more = useCallback(() => setPages((before) => before + 1), []);
  return { ...listed, more };
}
