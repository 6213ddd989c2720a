import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { count } from "@/lib/format";

type Props = { page: number; size: number; total: number; onPage: (page: number) => void };

export function Pagination({ page, size, total, onPage }: Props) {
  const pages = Math.max(1, Math.ceil(total / size));
  const first = Math.min((page - 1) * size + 1, total);
  return (
    <nav
      aria-label="Pages of the risk list"
      className="flex items-center justify-between gap-3 border-t border-line px-4 py-2.5"
    >
      <p className="text-xs text-muted" aria-live="polite">
        {count(first)}–{count(Math.min(page * size, total))} of {count(total)}
      </p>
      <div className="flex gap-2">
        <Button onClick={() => onPage(page - 1)} disabled={page <= 1} aria-label="Previous page">
          <Icon name="left" size={13} />
        </Button>
        <span className="self-center text-xs text-muted">
          page {count(page)} of {count(pages)}
        </span>
        <Button onClick={() => onPage(page + 1)} disabled={page >= pages} aria-label="Next page">
          <Icon name="right" size={13} />
        </Button>
      </div>
    </nav>
  );
}
