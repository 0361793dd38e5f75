import { Link } from "../ui/Link";
import { useLabel } from "./labels";
import "./runs.css";

/** A run's name in one line. Of a path the folders give way first: its end tells runs apart. */
export function RunName({ name }: { name: string }) {
  const at = name.lastIndexOf("/");
  return (
    <>
      {at > 0 && <span className="runs-folder">{name.slice(0, at)}</span>}
      <span className="runs-base">{at > 0 ? name.slice(at) : name}</span>
    </>
  );
}

/** The name as a link to the run. */
export function RunLink({
  run,
  href,
  tabIndex,
}: {
  run: { id: string; name: string };
  href: string;
  tabIndex?: number;
}) {
  const label = useLabel(run);
  return (
    <Link
      href={href}
      className="runs-name"
      tabIndex={tabIndex}
      title={run.name === run.id ? run.id : `${run.name}\n${run.id}`}
      onClick={(event) => event.stopPropagation()}
    >
      <RunName name={label} />
    </Link>
  );
}
