import { useEffect } from "react";
import { create } from "zustand";
import { get } from "../api/client";
import type { DataFolder } from "../api/messages";
import { tellError } from "../ui/notices";

interface Folders {
  list: readonly DataFolder[] | null;
}

export const useFolderList = create<Folders>(() => ({ list: null }));

export async function refreshFolders(): Promise<void> {
  try {
    useFolderList.setState({ list: await get<DataFolder[]>("data-folders") });
  } catch (error) {
    tellError(error);
  }
}

/** Data below the opened folder; null until they are known. */
export function useFolders(): readonly DataFolder[] | null {
  useEffect(() => {
    refreshFolders();
  }, []);
  return useFolderList((folders) => folders.list);
}
