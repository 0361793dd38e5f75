import { RefusedError } from "../api/client";

/** Saves what the server makes as a file of the person's; a refusal is thrown, not saved. */
export async function download(address: string): Promise<void> {
  const answer = await fetch(address).catch(() => {
    throw new RefusedError(0, { message: "the server does not answer", problems: [], stored: null });
  });
  if (!answer.ok) {
    const refusal = await answer
      .json()
      .catch(() => ({ message: answer.statusText, problems: [], stored: null }));
    throw new RefusedError(answer.status, refusal);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = fileName(answer.headers.get("content-disposition") ?? "");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The name that a content-disposition header gives, in either of its two forms. */
export function fileName(header: string): string {
  const coded = /filename\*=utf-8''([^;]+)/i.exec(header)?.[1];
  return coded ? decodeURIComponent(coded) : (/filename="?([^";]+)"?/i.exec(header)?.[1] ?? "download");
}
