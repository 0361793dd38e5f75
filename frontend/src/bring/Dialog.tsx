import { type ReactNode, useEffect, useRef } from "react";
import { Icon } from "../ui/Icon";
import { useSay, type Words } from "../ui/words";
import "./bring.css";

const CLOSE: Words = ["Close", "关闭"];

/** A dialog over the page: the browser keeps the focus in it, and Escape closes it. */
export function Dialog(props: { title: string; onClose: () => void; children: ReactNode }) {
  const say = useSay();
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current && !current.open) current.showModal();
  }, []);
  return (
    <dialog ref={place} className="bring" aria-label={props.title} onClose={props.onClose}>
      <div className="bring-head">
        <h2>{props.title}</h2>
        <button type="button" className="notice-close" aria-label={say(CLOSE)} onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </div>
      {props.children}
    </dialog>
  );
}
