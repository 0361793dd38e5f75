import { useEffect, useState } from "react";
import { Spinner } from "../ui/Spinner";
import { useSay, type Words } from "../ui/words";

const LOADING: Words = ["The first answer loads torch, about 3 s.", "首次预测需要加载 torch，约 3 秒。"];
const PATIENCE = 400;

/** Shown while an answer is on its way; what is quick is not announced. */
export function Waiting() {
  const say = useSay();
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className="faint run-waiting" role="status">
      {long && (
        <>
          <Spinner /> {say(LOADING)}
        </>
      )}
    </p>
  );
}
