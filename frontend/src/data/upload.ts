import { RefusedError, url } from "../api/client";
import type { Refusal, UploadedData } from "../api/messages";
import { bodyOf, type Given } from "./dropped";

/** Sends files, telling the share that is there; fetch could not tell it. */
export function upload(
  given: readonly Given[],
  name: string,
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<UploadedData> {
  const body = bodyOf(given);
  const file = given.length === 1 ? (given[0]?.file.name ?? "") : "";
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", url("upload-data", { name, file: file || null }));
    request.setRequestHeader("content-type", body.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onShare(total ? loaded / total : 0);
    request.onload = () =>
      request.status < 300 ? done(JSON.parse(request.responseText)) : failed(refusedBy(request));
    request.onerror = () =>
      failed(new RefusedError(0, { message: "the server does not answer", problems: [], stored: null }));
    request.onabort = () => failed(new DOMException("given up", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function refusedBy(request: XMLHttpRequest): RefusedError {
  let refusal: Refusal = { message: `${request.status} ${request.statusText}`, problems: [], stored: null };
  try {
    refusal = JSON.parse(request.responseText);
  } catch {
    // a proxy's page: its status says enough
  }
  return new RefusedError(request.status, refusal);
}
