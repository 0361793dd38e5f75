import { type ReactNode, useCallback, useDeferredValue } from "react";
import type { Contents } from "../api/messages";
import { Fold } from "../charts/Fold";
import "../charts/charts.css";
import { matcher } from "../charts/plan";
import { useContents } from "../charts/tags";
import { setParams, useParam, useRoute } from "../ui/route";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { GraphShelf } from "./GraphShelf";
import { Hparams } from "./Hparams";
import "./media.css";
import { type Named, useNamed } from "./named";
import { MediaShelf } from "./Pictures";
import { PRShelf } from "./PRShelf";
import { StepBar } from "./StepBar";
import { type Shelf, shelves, stepsOf } from "./steps";
import { TextShelf } from "./TextShelf";
import { W } from "./words";

const STEPPED = ["image", "audio", "text", "tensor", "pr_curves"];
const SHOWN = [...STEPPED, "graph", "hparams"];

/** Everything that is neither a curve nor a distribution, at one step. */
export function MediaView({ runs }: { runs: readonly string[] }) {
  const say = useSay();
  const contents = useContents(runs);
  const named = useNamed(runs);
  const { params } = useRoute();
  const [search, setSearch] = useParam("tag", "");
  const fits = matcher(useDeferredValue(search));
  const all = shelves(runs, contents, [...SHOWN]).filter((shelf) =>
    shelf.holders.some(({ items }) => items.shown),
  );
  const found = all.filter((shelf) => fits(shelf.tag));
  const steps = stepsOf(found.filter((shelf) => STEPPED.includes(shelf.kind)));
  const wanted = params.get("step");
  const step = wanted === null ? Number.POSITIVE_INFINITY : Number(wanted) || 0;
  const setStep = useCallback(
    (next: number | null) => setParams({ step: next === null ? null : String(next) }),
    [],
  );
  if (!runs.length) return <p className="chart-empty">{say(W.noRuns)}</p>;
  const known = runs.every((run) => contents.has(run));
  const unshown = notShown(runs, contents);
  const problems = runs.flatMap((run) => (contents.get(run)?.problems ?? []).map((text) => ({ run, text })));
  return (
    <div className="charts media">
      {all.length > 0 && (
        <div className="charts-top">
          <StepBar
            steps={steps}
            step={step}
            latest={wanted === null}
            onStep={setStep}
            search={search}
            onSearch={setSearch}
          />
        </div>
      )}
      <Problems problems={problems} named={named} />
      <Shelves found={found} step={step} named={named} />
      {all.length > 0 && !found.length && <p className="chart-empty">{say(W.noMatch, { text: search })}</p>}
      <NotShown found={unshown} named={named} />
      {!all.length && !unshown.length && <p className="chart-empty">{say(known ? W.none : W.loading)}</p>}
    </div>
  );
}

const SECTIONS: readonly [title: Words, kinds: readonly string[], grid: string][] = [
  [W.images, ["image"], "media-grid"],
  [W.audio, ["audio"], "media-grid"],
  [W.texts, ["text", "tensor"], "media-list"],
  [W.curves, ["pr_curves"], "media-grid"],
  [W.graphs, ["graph"], "media-list"],
  [W.hparams, ["hparams"], "media-list"],
];

interface ShelvesProps {
  found: readonly Shelf[];
  step: number;
  named: Named;
}

function Shelves({ found, step, named }: ShelvesProps): ReactNode {
  const say = useSay();
  return SECTIONS.map(([title, kinds, grid]) => {
    const list = found.filter((shelf) => kinds.includes(shelf.kind));
    if (!list.length) return null;
    return (
      <Fold key={title[0]} name={`media/${title[0]}`} title={say(title)} count={list.length}>
        <div className={grid}>
          {kinds[0] === "hparams" ? (
            <Hparams shelves={list} named={named} />
          ) : (
            list.map((shelf) => (
              <AnyShelf key={`${shelf.kind}\n${shelf.tag}`} shelf={shelf} step={step} named={named} />
            ))
          )}
        </div>
      </Fold>
    );
  });
}

function AnyShelf({ shelf, step, named }: { shelf: Shelf; step: number; named: Named }): ReactNode {
  switch (shelf.kind) {
    case "image":
    case "audio":
      return <MediaShelf shelf={shelf} step={step} named={named} />;
    case "pr_curves":
      return <PRShelf shelf={shelf} step={step} named={named} />;
    case "graph":
      return <GraphShelf shelf={shelf} named={named} />;
    default:
      return <TextShelf shelf={shelf} step={step} named={named} />;
  }
}

interface Unshown {
  run: string;
  tag: string;
  kind: string;
  count: number;
}

function notShown(runs: readonly string[], contents: ReadonlyMap<string, Contents>): Unshown[] {
  return runs.flatMap((run) =>
    (contents.get(run)?.items ?? [])
      .filter(({ kind, shown }) => !shown || !(SHOWN.includes(kind) || kind === "histogram"))
      .map(({ tag, kind, steps }) => ({ run, tag, kind, count: steps.length })),
  );
}

function NotShown({ found, named }: { found: readonly Unshown[]; named: Named }) {
  const say = useSay();
  if (!found.length) return null;
  return (
    <Fold name="media/unshown" title={say(W.unshown)} count={found.length}>
      <div className="media-shelf panel media-wide">
        <table className="media-table">
          <thead>
            <tr>
              <th>{say(W.tag)}</th>
              {named.several && <th>{say(W.run)}</th>}
              <th>{say(W.kind)}</th>
              <th>{say(W.items)}</th>
              <th>{say(W.reason)}</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ run, tag, kind, count }) => (
              <tr key={`${run}\n${tag}\n${kind}`}>
                <td>{tag}</td>
                {named.several && <td title={run}>{named.name(run)}</td>}
                <td className="mono">{kind}</td>
                <td>{count || ""}</td>
                <td>{say(reason(kind))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Fold>
  );
}

function reason(kind: string): Words {
  if (kind === "projector" || kind === "profile") return W.beside;
  return /run_metadata/.test(kind) ? W.statistics : W.unknownKind;
}

function Problems({ problems, named }: { problems: readonly { run: string; text: string }[]; named: Named }) {
  const say = useSay();
  if (!problems.length) return null;
  return (
    <div className="media-problems" role="note">
      <strong>{say(W.problems)}</strong>
      <ul>
        {problems.map(({ run, text }) => (
          <li key={`${run}\n${text}`}>
            {named.several && <span className="faint">{named.name(run)}: </span>}
            <Said text={text} />
          </li>
        ))}
      </ul>
    </div>
  );
}
