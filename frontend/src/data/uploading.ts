import { create } from "zustand";
import type { Settings } from "../forms/useSettings";
import { notify, tellError } from "../ui/notices";
import { said } from "../ui/said";
import { say, type Words } from "../ui/words";
import { chosenOf, type Given, givenOf, nameOf } from "./dropped";
import { upload } from "./upload";
import { refreshFolders, useFolderList } from "./useFolders";

const W = {
  done: ["{path} is the source now, files: {files}", "{path} 已设为数据来源，共 {files} 个文件"],
  unread: [
    "{path}: {files} files, which no source reads as they lie.",
    "{path}：{files} 个文件，但没有数据来源能直接读取。",
  ],
  empty: ["There are no files in what was dropped.", "拖入的内容中没有文件。"],
  undo: ["Undo", "撤销"],
} satisfies Record<string, Words>;

interface Uploading {
  /** null: nothing is on its way */
  share: number | null;
  name: string;
  abort: AbortController | null;
}

export const useUploading = create<Uploading>(() => ({ share: null, name: "", abort: null }));

export async function takeDropped(settings: Settings, transfer: DataTransfer): Promise<void> {
  await take(settings, await givenOf(transfer));
}

export async function takeChosen(settings: Settings, files: readonly File[]): Promise<void> {
  if (files.length) await take(settings, chosenOf(files));
}

/** Sends files, and makes them the source. */
async function take(settings: Settings, given: readonly Given[]): Promise<void> {
  if (settings.readOnly !== undefined || useUploading.getState().share !== null) return;
  if (!given.length) {
    notify(say(W.empty), "error");
    return;
  }
  await refreshFolders();
  const name = nameOf(given, useFolderList.getState().list?.map((folder) => folder.path) ?? []);
  const abort = new AbortController();
  useUploading.setState({ share: 0, name, abort });
  try {
    const { path, files, source, notes } = await upload(
      given,
      name,
      (share) => useUploading.setState({ share }),
      abort.signal,
    );
    const readable = Object.keys(source).length > 0;
    if (readable) settings.put("data.source", source);
    const words = [say(readable ? W.done : W.unread, { path, files }), ...notes.map(said)].join("; ");
    if (readable) notify(words, "done", { label: say(W.undo), run: settings.sheet.undo });
    else notify(words, "error");
    refreshFolders();
  } catch (error) {
    tellError(error);
  } finally {
    useUploading.setState({ share: null, abort: null });
  }
}
