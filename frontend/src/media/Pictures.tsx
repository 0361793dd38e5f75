import { useRef, useState } from "react";
import { useVisible } from "../charts/useVisible";
import { number } from "../ui/format";
import { Said } from "../ui/said";
import { useSay } from "../ui/words";
import { type ItemKey, type Media, useMedia } from "./items";
import type { Named } from "./named";
import { itemAt, type Shelf } from "./steps";
import { W } from "./words";

interface Props {
  shelf: Shelf;
  step: number;
  named: Named;
}

/** The pictures (or sounds) of one tag, of all runs side by side. */
export function MediaShelf({ shelf, step, named }: Props) {
  const place = useRef<HTMLElement>(null);
  const visible = useVisible(place);
  return (
    <article ref={place} className="media-shelf panel" aria-label={shelf.tag}>
      <h4>{shelf.tag}</h4>
      <div className="media-row">
        {shelf.holders.map(({ run, items }) => {
          const index = itemAt(items.steps, step);
          if (index < 0 || !visible) return <div key={run} className="media-place" />;
          const key = { run, tag: shelf.tag, index, version: items.version };
          return (
            <MediaItem
              key={run}
              item={key}
              kind={shelf.kind}
              step={items.steps[index] as number}
              named={named}
            />
          );
        })}
      </div>
    </article>
  );
}

function MediaItem({ item, kind, step, named }: { item: ItemKey; kind: string; step: number; named: Named }) {
  const say = useSay();
  const { found, error } = useMedia(item, 0);
  const others = Array.from({ length: Math.min(64, (found?.parts ?? 1) - 1) }, (_, at) => at + 1);
  return (
    <figure className="media-item">
      <div className="media-parts">
        {error ? (
          <p className="media-error">
            <Said text={error} />
          </p>
        ) : (
          <Part media={found} kind={kind} name={item.tag} />
        )}
        {others.map((part) => (
          <OtherPart key={part} item={item} part={part} kind={kind} />
        ))}
      </div>
      <figcaption>
        {named.several && <i className="chart-swatch" style={{ background: named.color(item.run) }} />}
        {named.several && <span title={item.run}>{named.name(item.run)}</span>}
        <span className="faint">{say(W.at, { step: number(step) })}</span>
      </figcaption>
    </figure>
  );
}

function OtherPart({ item, part, kind }: { item: ItemKey; part: number; kind: string }) {
  const { found, error } = useMedia(item, part);
  return error ? (
    <p className="media-error">
      <Said text={error} />
    </p>
  ) : (
    <Part media={found} kind={kind} name={item.tag} />
  );
}

function Part({ media, kind, name }: { media: Media | null; kind: string; name: string }) {
  if (!media) return <div className="media-place" />;
  // biome-ignore lint/a11y/useMediaCaption: nobody recorded captions of these sounds
  if (kind === "audio") return <audio controls src={media.address} aria-label={name} />;
  return <Picture address={media.address} name={name} />;
}

const SMALL = 160;
const LARGEST = 12;

/** Small pictures are drawn larger by a whole factor, each pixel sharp; a click shows one as large as it goes. */
function Picture({ address, name }: { address: string; name: string }) {
  const say = useSay();
  const dialog = useRef<HTMLDialogElement>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const longest = size ? Math.max(size.width, size.height) : SMALL;
  const factor = Math.min(LARGEST, Math.max(1, Math.floor(SMALL / longest)));
  const style = size ? { width: size.width * factor } : undefined;
  return (
    <>
      <button
        type="button"
        className="media-picture"
        aria-label={say(W.enlarge, { name })}
        onClick={() => dialog.current?.showModal()}
      >
        <img
          src={address}
          alt={name}
          style={style}
          className={factor > 1 ? "sharp" : undefined}
          onLoad={({ currentTarget: picture }) =>
            setSize({ width: picture.naturalWidth, height: picture.naturalHeight })
          }
        />
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself */}
      <dialog ref={dialog} className="media-dialog" aria-label={name} onClick={() => dialog.current?.close()}>
        <img src={address} alt={name} className={longest < 400 ? "sharp" : undefined} />
        <p>
          {name} · {size?.width} × {size?.height}
        </p>
      </dialog>
    </>
  );
}
