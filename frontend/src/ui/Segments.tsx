import { useId } from "react";

interface Props<T extends string> {
  label: string;
  value: T;
  data: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few, all of them in sight: radio buttons that look like one bar. */
export function Segments<T extends string>({ label, value, data, onChange }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="segments" aria-label={label}>
      {data.map((one) => (
        <label key={one.value}>
          <input
            type="radio"
            name={name}
            checked={one.value === value}
            onChange={() => onChange(one.value)}
          />
          {one.label}
        </label>
      ))}
    </fieldset>
  );
}
