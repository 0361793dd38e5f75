import type { Texts } from "../api/messages";
import { number } from "../ui/format";
import { Said } from "../ui/said";
import { useSay } from "../ui/words";
import { type ItemKey, useItem } from "./items";
import { Markdown, TextTable } from "./Markdown";
import type { Named } from "./named";
import { itemAt, type Shelf } from "./steps";
import { W } from "./words";

/** The texts of one tag, of all runs side by side. */
export function TextShelf({ shelf, step, named }: { shelf: Shelf; step: number; named: Named }) {
  return (
    <article className="media-shelf panel" aria-label={shelf.tag}>
      <h4>{shelf.tag.replace(/\/text_summary$/, "")}</h4>
      <div className="media-texts">
        {shelf.holders.map(({ run, items }) => {
          const index = itemAt(items.steps, step);
          if (index < 0) return null;
          const key = { run, tag: shelf.tag, index, version: items.version };
          return <TextItem key={run} item={key} raw={shelf.kind === "tensor"} named={named} />;
        })}
      </div>
    </article>
  );
}

function TextItem({ item, raw, named }: { item: ItemKey; raw: boolean; named: Named }) {
  const say = useSay();
  const { found, error } = useItem<Texts>(item);
  return (
    <div className="media-text">
      <p className="media-caption">
        {named.several && <i className="chart-swatch" style={{ background: named.color(item.run) }} />}
        {named.several && <span title={item.run}>{named.name(item.run)}</span>}
        {found && <span className="faint">{say(W.at, { step: number(found.step) })}</span>}
      </p>
      {error && (
        <p className="media-error">
          <Said text={error} />
        </p>
      )}
      {found && <TextBody found={found} raw={raw} />}
    </div>
  );
}

function TextBody({ found, raw }: { found: Texts; raw: boolean }) {
  if (found.columns > 0) return <TextTable texts={found.texts} columns={found.columns} />;
  const text = found.texts.join("\n\n");
  return raw ? <pre>{text}</pre> : <Markdown text={text} />;
}
