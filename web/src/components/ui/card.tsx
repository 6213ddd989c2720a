import { type ReactNode, useId } from "react";

type Props = { title: string; aside?: ReactNode; children: ReactNode; className?: string; flush?: boolean };

/** A titled region of the page. */
export function Card({ title, aside, children, className = "", flush = false }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={`flex min-w-0 flex-col rounded-lg border border-line bg-surface shadow-lift ${className}`}
    >
      <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 pt-3 pb-2">
        <h2 id={id} className="text-[0.8125rem] font-semibold text-ink">
          {title}
        </h2>
        {aside && <div className="text-xs text-muted">{aside}</div>}
      </header>
      <div className={`min-h-0 flex-1 ${flush ? "" : "px-4 pb-4"}`}>{children}</div>
    </section>
  );
}
