import { useLive } from "../api/live";
import { useSay, type Words } from "./words";

const READ_ONLY: Words = [
  "This folder is read-only: nothing in it can be trained, changed or saved.",
  "此文件夹为只读：无法在其中训练、修改或保存。",
];

/** Why nothing can be changed here; undefined where it can. For `disabled` and `data-tip`. */
export function useReadOnly(): string | undefined {
  const say = useSay();
  const writable = useLive((live) => live.session?.writable ?? true);
  return writable ? undefined : say(READ_ONLY);
}
