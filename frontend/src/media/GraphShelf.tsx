import { TextInput } from "@mantine/core";
import { useDeferredValue, useMemo, useState } from "react";
import type { Graph } from "../api/messages";
import { matcher } from "../charts/plan";
import { Said } from "../ui/said";
import { useSay } from "../ui/words";
import { type ItemKey, useItem } from "./items";
import type { Named } from "./named";
import type { Shelf } from "./steps";
import { type Branch, pruned, treeOf } from "./tree";
import { W } from "./words";

/** The recorded graphs of one tag. */
export function GraphShelf({ shelf, named }: { shelf: Shelf; named: Named }) {
  return shelf.holders.map(({ run, items }) => (
    <GraphItem
      key={run}
      item={{ run, tag: shelf.tag, index: items.steps.length - 1, version: items.version }}
      named={named}
    />
  ));
}

function GraphItem({ item, named }: { item: ItemKey; named: Named }) {
  const say = useSay();
  const { found, error } = useItem<Graph>(item);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search);
  const tree = useMemo(() => treeOf(found?.nodes ?? []), [found]);
  const shown = useMemo(() => (wanted ? pruned(tree, matcher(wanted)) : tree), [tree, wanted]);
  return (
    <article className="media-shelf panel" aria-label={item.tag}>
      <h4>
        {item.tag}
        {named.several && <span className="faint"> {named.name(item.run)}</span>}
        {found && <span className="faint"> {say(W.nodes, { count: found.nodes.length })}</span>}
        {found?.truncated && <span className="media-error"> {say(W.truncated)}</span>}
      </h4>
      {error && (
        <p className="media-error">
          <Said text={error} />
        </p>
      )}
      {found && (
        <>
          <TextInput
            type="search"
            w={280}
            aria-label={say(W.searchNodes)}
            placeholder={say(W.searchNodes)}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <table className="media-table media-graph">
            <thead>
              <tr>
                <th>{say(W.name)}</th>
                <th>{say(W.operation)}</th>
                <th>{say(W.shape)}</th>
                <th>{say(W.inputs)}</th>
              </tr>
            </thead>
            <tbody>
              <Rows branches={shown} depth={0} open={wanted !== ""} key={wanted} />
            </tbody>
          </table>
          {!shown.length && <p className="faint">{say(W.noNodes)}</p>}
        </>
      )}
    </article>
  );
}

const FEW = 12;

/** Rows of a level; what lies in them is drawn only when they are opened. */
function Rows({ branches, depth, open }: { branches: readonly Branch[]; depth: number; open: boolean }) {
  return branches.map((branch) => (
    <Row key={branch.path} branch={branch} depth={depth} open={open} only={branches.length === 1} />
  ));
}

function Row({ branch, depth, open, only }: { branch: Branch; depth: number; open: boolean; only: boolean }) {
  const say = useSay();
  const [shown, setShown] = useState(
    only || ((open || branch.count <= FEW) && branch.branches.length <= FEW),
  );
  const inner = branch.branches.length > 0;
  return (
    <>
      <tr>
        <td style={{ paddingLeft: 6 + 16 * depth }}>
          {inner ? (
            <button type="button" aria-expanded={shown} onClick={() => setShown(!shown)}>
              <span aria-hidden="true">{shown ? "▾" : "▸"}</span> {branch.name}
              {branch.count > 1 && <span className="faint"> {say(W.nodes, { count: branch.count })}</span>}
            </button>
          ) : (
            <span className="leaf">{branch.name}</span>
          )}
        </td>
        <td>{branch.node?.operation}</td>
        <td className="mono">{branch.node?.shape}</td>
        <td className="media-inputs" title={branch.node?.inputs.join("\n")}>
          {branch.node?.inputs.join(", ")}
        </td>
      </tr>
      {shown && <Rows branches={branch.branches} depth={depth + 1} open={open} />}
    </>
  );
}
