/** A file with its path below what was dropped or chosen. */
export interface Given {
  path: string;
  file: File;
}

/** What was dropped, folders opened; in order of paths. */
export async function givenOf(transfer: DataTransfer): Promise<Given[]> {
  const files = chosenOf([...transfer.files]);
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (!entries.length) return files;
  const found = (await Promise.all(entries.map((entry) => filesOf(entry)))).flat();
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function filesOf(entry: FileSystemEntry): Promise<Given[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((done, failed) => entry.file(done, failed));
    return hidden(file.name) ? [] : [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  if (hidden(entry.name)) return [];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inner: FileSystemEntry[] = [];
  // a reader gives some at a time, and none when it is at the end
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    inner.push(...some);
  }
  return (await Promise.all(inner.map(filesOf))).flat();
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function hidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}

/** What was chosen in a dialog: of a folder each file has its path. */
export function chosenOf(files: readonly File[]): Given[] {
  return files
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path }) => !path.split("/").some(hidden));
}

/** What the data shall be called: the folder around everything, or the file without its ending; free among `taken`. */
export function nameOf(given: readonly Given[], taken: readonly string[]): string {
  const [first] = given;
  const top = first?.path.includes("/") ? first.path.split("/")[0] : first?.file.name.replace(/\.\w+$/, "");
  const plain =
    (top ?? "")
      .replace(/[^\p{L}\p{N} _.-]/gu, "_")
      .replace(/^[^\p{L}\p{N}_]+/u, "")
      .trim()
      .slice(0, 50) || "data";
  let name = plain;
  for (let number = 2; taken.some((path) => path.split("/")[1] === name); number += 1)
    name = `${plain}-${number}`;
  return name;
}

const MANY = "application/x-torchwork-files";

/** The body of an upload: one file as it is, or many, each behind its length and head. */
export function bodyOf(given: readonly Given[]): Blob {
  const [first] = given;
  if (given.length === 1 && first) return first.file.slice(0, first.file.size, "application/octet-stream");
  const parts = given.flatMap(({ path, file }) => {
    const head = new TextEncoder().encode(JSON.stringify({ path, size: file.size }));
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, head.length, true);
    return [length.buffer, head, file];
  });
  return new Blob(parts, { type: MANY });
}
