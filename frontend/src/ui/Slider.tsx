import type { InputHTMLAttributes } from "react";

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  value: number;
  onChange: (value: number) => void;
}

/** The browser's own slider in the page's looks. */
export function Slider({ onChange, className = "", ...rest }: Props) {
  return (
    <input
      type="range"
      className={`slider ${className}`}
      onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
      {...rest}
    />
  );
}
