import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Settings } from "../forms/useSettings";
import { tellError } from "../ui/notices";
import { useSay, type Words } from "../ui/words";
import { takeDropped } from "./uploading";

const W: Words = ["Drop it here: it is copied into this folder and used", "松开即可：复制到此文件夹并使用"];

/** Files that are dropped anywhere on the page are data. */
export function Dropping({ settings, children }: { settings: Settings; children: ReactNode }) {
  const say = useSay();
  const [over, setOver] = useState(false);
  const latest = useRef(settings);
  latest.current = settings;
  useEffect(() => {
    const files = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const come = (event: DragEvent) => {
      if (!files(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const drop = (event: DragEvent) => {
      if (!files(event) || !event.dataTransfer) return;
      event.preventDefault();
      setOver(false);
      takeDropped(latest.current, event.dataTransfer).catch(tellError);
    };
    document.addEventListener("dragover", come);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", come);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);
  return (
    <>
      {children}
      {over && <div className="data-over">{say(W)}</div>}
    </>
  );
}
