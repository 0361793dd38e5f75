import { create } from "zustand";
import { RefusedError } from "../api/client";
import { Icon } from "./Icon";
import { Said } from "./said";
import { useSay, type Words } from "./words";

interface Notice {
  id: number;
  text: string;
  kind: "error" | "done";
  action?: { label: string; run: () => void } | undefined;
}

const useNotices = create<{ list: Notice[] }>(() => ({ list: [] }));
const SHOWN = 8000;
let count = 0;

/** Say something at the corner of the page, with one thing to do about it (undo). */
export function notify(text: string, kind: Notice["kind"] = "done", action?: Notice["action"]): void {
  const notice = { id: ++count, text, kind, action };
  useNotices.setState(({ list }) => ({ list: [...list.slice(-3), notice] }));
  setTimeout(() => dismiss(notice.id), SHOWN);
}

/** Say what the server refused; what is no refusal is a mistake of ours and must be seen. */
export function tellError(error: unknown): void {
  if (error instanceof RefusedError) notify(error.message, "error");
  else if (!(error instanceof DOMException && error.name === "AbortError")) notify(String(error), "error");
}

function dismiss(id: number): void {
  useNotices.setState(({ list }) => ({ list: list.filter((item) => item.id !== id) }));
}

const CLOSE: Words = ["Close", "关闭"];

export function Notices() {
  const say = useSay();
  const { list } = useNotices();
  return (
    <div role="status" aria-live="polite" className="notices">
      {list.map((notice) => (
        <div key={notice.id} className={`notice ${notice.kind}`}>
          <div>
            <Said text={notice.text} />
            {notice.action && (
              <button
                type="button"
                className="linklike"
                onClick={() => {
                  notice.action?.run();
                  dismiss(notice.id);
                }}
              >
                {notice.action.label}
              </button>
            )}
          </div>
          <button
            type="button"
            className="notice-close"
            aria-label={say(CLOSE)}
            onClick={() => dismiss(notice.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
