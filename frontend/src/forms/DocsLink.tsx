import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";

const DOCS: Words = ["Documentation", "官方文档"];

/** A way to the documentation, which opens beside the page. */
export function DocsLink({ href }: { href: string }) {
  const say = useSay();
  return (
    <a href={href} target="_blank" rel="noreferrer" className="form-docs" {...tip(say(DOCS))}>
      <svg className="icon" viewBox="0 0 16 16" aria-hidden strokeWidth={1.5} fill="none">
        <path d="M9.5 2.5h4v4M13.5 2.5 8 8M7 3.5H3.5v9h9V9" />
      </svg>
    </a>
  );
}
