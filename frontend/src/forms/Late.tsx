import { Spinner } from "../ui/Spinner";

/** Something takes longer than it should: what comes quickly is not announced. */
export function Late() {
  return (
    <span className="form-late">
      <Spinner />
    </span>
  );
}
