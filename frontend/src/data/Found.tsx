import type { DataFolder } from "../api/messages";
import type { Settings } from "../forms/useSettings";
import { same } from "../forms/values";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { useFolders } from "./useFolders";

const W = {
  here: ["In this folder", "此文件夹中的数据"],
  pictures: ["{count} pictures, {classes} classes", "{count} 张图片，{classes} 个类别"],
  more: ["over {count} pictures, {classes} classes", "{count} 张以上图片，{classes} 个类别"],
  masks: ["{count} pictures with masks", "{count} 张带掩码的图片"],
  table: ["table", "表格"],
  arrays: ["arrays", "数组"],
  use: ["Use {path}", "使用 {path}"],
} satisfies Record<string, Words>;

const SHOWN = 6;

/** Data that lie below the opened folder already: a click makes them the source. */
export function Found({ settings }: { settings: Settings }) {
  const say = useSay();
  const folders = useFolders();
  if (!folders?.length) return null;
  const source = settings.at("data.source");
  const about = ({ kind, files, more, classes }: DataFolder) =>
    kind === "pictures"
      ? say(more ? W.more : W.pictures, {
          count: number(files),
          classes: `${classes.length}${classes.length === 12 ? "+" : ""}`,
        })
      : say(W[kind], { count: number(files) });
  return (
    <div className="data-found">
      <div className="faint">{say(W.here)}</div>
      <ul>
        {folders.slice(0, SHOWN).map((folder) => (
          <li key={folder.path}>
            <button
              type="button"
              aria-pressed={same(source, folder.source)}
              disabled={settings.readOnly !== undefined}
              data-tip={folder.classes.join(", ") || undefined}
              aria-label={say(W.use, { path: folder.path })}
              onClick={() => settings.put("data.source", folder.source)}
            >
              <span className="mono data-path">{folder.path}</span>
              <span className="faint">{about(folder)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
