import { useRef } from "react";
import type { Settings } from "../forms/useSettings";
import { useSay, type Words } from "../ui/words";
import { takeChosen, useUploading } from "./uploading";

const W = {
  drop: ["Drop a folder, a zip or a file on this page, or choose", "把文件夹、zip 或文件拖到此页面，或选择"],
  folder: ["a folder", "文件夹"],
  file: ["a file", "文件"],
  sending: ["Copying {name}: {share} %", "正在复制 {name}：{share} %"],
  stop: ["Stop", "停止"],
} satisfies Record<string, Words>;

/** A way for data into the opened folder. */
export function UploadBox({ settings }: { settings: Settings }) {
  const say = useSay();
  const { share, name, abort } = useUploading();
  const folder = useRef<HTMLInputElement>(null);
  const file = useRef<HTMLInputElement>(null);
  if (share !== null)
    return (
      <div className="data-drop" role="status">
        <span>{say(W.sending, { name, share: Math.round(100 * share) })}</span>
        <progress value={share} max={1} aria-label={name} />
        <button type="button" onClick={() => abort?.abort()}>
          {say(W.stop)}
        </button>
      </div>
    );
  const disabled = settings.readOnly !== undefined;
  const choose = (input: HTMLInputElement) => {
    takeChosen(settings, [...(input.files ?? [])]);
    input.value = "";
  };
  return (
    <div className="data-drop">
      <span>{say(W.drop)}</span>
      <button type="button" disabled={disabled} onClick={() => folder.current?.click()}>
        {say(W.folder)}
      </button>
      <button type="button" disabled={disabled} onClick={() => file.current?.click()}>
        {say(W.file)}
      </button>
      <input
        ref={(input) => {
          folder.current = input;
          input?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        hidden
        aria-label={say(W.folder)}
        onChange={(event) => choose(event.currentTarget)}
      />
      <input
        ref={file}
        type="file"
        hidden
        accept=".zip,.csv,.tsv,.npz,.npy"
        aria-label={say(W.file)}
        onChange={(event) => choose(event.currentTarget)}
      />
    </div>
  );
}
