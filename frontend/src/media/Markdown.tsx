import { Fragment, type ReactNode } from "react";
import { type Block, blocks, type Inline } from "./markdown";

const LONGEST = 200_000;

/** A recorded text as elements; its own HTML stays text. */
export function Markdown({ text }: { text: string }) {
  return <div className="media-markdown">{blocks(text.slice(0, LONGEST)).map(block)}</div>;
}

// biome-ignore-start lint/suspicious/noArrayIndexKey: a text has no other names for its pieces, and they never move

function block(found: Block, key: number): ReactNode {
  switch (found.kind) {
    case "heading": {
      const Heading = `h${Math.min(6, found.level + 2)}` as "h3";
      return <Heading key={key}>{inlines(found.inline)}</Heading>;
    }
    case "paragraph":
      return <p key={key}>{inlines(found.inline)}</p>;
    case "code":
      return <pre key={key}>{found.text}</pre>;
    case "quote":
      return <blockquote key={key}>{found.blocks.map(block)}</blockquote>;
    case "rule":
      return <hr key={key} />;
    case "list": {
      const List = found.ordered ? "ol" : "ul";
      const items = found.items.map((item, at) => <li key={at}>{inlines(item)}</li>);
      return <List key={key}>{items}</List>;
    }
    case "table":
      return <Table key={key} head={found.head} rows={found.rows} />;
  }
}

function Table({ head, rows }: { head: Inline[][]; rows: Inline[][][] }) {
  return (
    <table>
      <thead>
        <tr>
          {head.map((cell, at) => (
            <th key={at}>{inlines(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            {row.map((cell, place) => (
              <td key={place}>{inlines(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inlines(found: readonly Inline[]): ReactNode {
  return found.map((one, key) => <Fragment key={key}>{element(one)}</Fragment>);
}

function element(one: Inline): ReactNode {
  switch (one.kind) {
    case "text":
      return one.text;
    case "code":
      return <code>{one.text}</code>;
    case "strong":
      return <strong>{inlines(one.inline)}</strong>;
    case "emphasis":
      return <em>{inlines(one.inline)}</em>;
    case "break":
      return <br />;
    case "link":
      return (
        <a href={one.href} target="_blank" rel="noreferrer noopener">
          {one.text}
        </a>
      );
  }
}

/** The rows of a table of texts. */
export function TextTable({ texts, columns }: { texts: readonly string[]; columns: number }) {
  const rows: string[][] = [];
  for (let at = 0; at < texts.length; at += columns) rows.push(texts.slice(at, at + columns));
  return (
    <table className="media-table">
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            {row.map((cell, place) => (
              <td key={place}>
                <Markdown text={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
// biome-ignore-end lint/suspicious/noArrayIndexKey: a text has no other names for its pieces, and they never move
