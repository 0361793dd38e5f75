import { useRef, useState } from "react";
import { chosenOf, type Given, givenOf, nameOf } from "../data/dropped";
import { upload } from "../data/upload";
import { refreshFolders, useFolderList } from "../data/useFolders";
import { notify, tellError } from "../ui/notices";
import { say as said, useSay, type Words } from "../ui/words";

const W = {
  drop: ["Drop it here, or a zip of it, or", "拖到此处（也可以是 zip），或"],
  choose: ["choose a folder", "选择文件夹"],
  sending: ["Copying {name}: {share} %", "正在复制 {name}：{share} %"],
  unread: [
    "{path} was copied, but it has no folder of pictures for each class; look at it in the data view.",
    "{path} 已复制，但其中没有按类别分开的图片文件夹；请在数据视图中查看。",
  ],
  empty: ["There are no files in what was dropped.", "拖入的内容中没有文件。"],
} satisfies Record<string, Words>;

interface OwnDataProps {
  /** the source and its argument that names the folder: `ImageFolder`, `root` */
  source: string;
  argument: string;
  disabled: boolean;
  onPlaced: (path: string) => void;
}

/** A person's own folder, dropped or chosen: it is copied below the opened one, and its place there is told. */
export function OwnData({ source, argument, disabled, onPlaced }: OwnDataProps) {
  const say = useSay();
  const [share, setShare] = useState<{ name: string; share: number } | null>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement | null>(null);
  const take = async (coming: Given[] | Promise<Given[]>) => {
    try {
      const given = await coming;
      if (!given.length) return notify(said(W.empty), "error");
      await refreshFolders();
      const name = nameOf(given, useFolderList.getState().list?.map(({ path }) => path) ?? []);
      setShare({ name, share: 0 });
      const found = await upload(
        given,
        name,
        (share) => setShare({ name, share }),
        new AbortController().signal,
      );
      const place = found.source[source]?.[argument];
      if (place) onPlaced(place);
      else notify(said(W.unread, { path: found.path }), "error");
    } catch (error) {
      tellError(error);
    } finally {
      setShare(null);
    }
  };
  if (share)
    return (
      <div className="start-drop" role="status">
        {say(W.sending, { name: share.name, share: Math.round(100 * share.share) })}
        <progress value={share.share} max={1} aria-label={share.name} />
      </div>
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside it does the same by keyboard
    <div
      className={over ? "start-drop over" : "start-drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(!disabled);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (!disabled) take(givenOf(event.dataTransfer));
      }}
    >
      {say(W.drop)}{" "}
      <button type="button" disabled={disabled} onClick={() => input.current?.click()}>
        {say(W.choose)}
      </button>
      <input
        ref={(element) => {
          input.current = element;
          element?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        hidden
        aria-label={say(W.choose)}
        onChange={(event) => take(chosenOf([...(event.currentTarget.files ?? [])]))}
      />
    </div>
  );
}
