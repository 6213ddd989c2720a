import type { ComponentProps } from "react";

const LOOKS = {
  primary: "bg-accent text-accent-ink border-transparent hover:opacity-90",
  plain: "bg-surface text-ink border-line hover:border-edge hover:bg-sunken",
} as const;

const SIZES = { normal: "min-h-8 px-3 text-[0.8125rem]", small: "min-h-7 px-2 text-xs" } as const;

type Props = ComponentProps<"button"> & { look?: keyof typeof LOOKS; size?: keyof typeof SIZES };

export function Button({ look = "plain", size = "normal", className = "", type = "button", ...rest }: Props) {
  const shape = "inline-flex items-center justify-center gap-1.5 rounded-md border font-medium";
  return (
    <button
      type={type}
      className={`${shape} transition-colors disabled:cursor-not-allowed disabled:opacity-50 ${LOOKS[look]} ${SIZES[size]} ${className}`}
      {...rest}
    />
  );
}
