import type { components } from "@/lib/api/ingest";
import { count } from "@/lib/format";

type Props = {
  data: components["schemas"]["PacemakerConnectivity"];
  page: number;
  onPage: (page: number) => void;
};

/** Pages of the device list; hidden if there is only one. */
export function DevicePager({ data, page, onPage }: Props) {
  if (data.total <= data.size) return null;
  const shown = (page - 1) * data.size + data.items.length;
  const button = "rounded font-medium text-accent hover:underline disabled:text-muted disabled:no-underline";
  return (
    <p className="flex items-center gap-3 border-t border-line px-4 py-2 text-xs text-muted">
      <span className="mr-auto">
        {count(shown)} of {count(data.total)}
      </span>
      <button type="button" className={button} disabled={page <= 1} onClick={() => onPage(page - 1)}>
        Back
      </button>
      <button
        type="button"
        className={button}
        disabled={shown >= data.total}
        onClick={() => onPage(page + 1)}
      >
        More
      </button>
    </p>
  );
}
