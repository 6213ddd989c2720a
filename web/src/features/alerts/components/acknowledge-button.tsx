import { Button } from "@/components/ui/button";
import { errorMessage } from "@/lib/api/problem";
import { useHasScope } from "@/lib/session/me";
import { useAcknowledgeAlert } from "../api/acknowledge-alert";

export function AcknowledgeButton({ id, name }: { id: string; name: string }) {
  const allowed = useHasScope("alerts:acknowledge");
  const acknowledge = useAcknowledgeAlert();
  if (!allowed) return <span className="text-xs font-medium text-high">open</span>;
  return (
    <span className="flex flex-col items-end gap-1">
      <Button
        onClick={() => acknowledge.mutate(id)}
        disabled={acknowledge.isPending}
        size="small"
        aria-label={`Acknowledge the alert of ${name}`}
      >
        Acknowledge
      </Button>
      {acknowledge.isError && (
        <span role="alert" className="text-xs text-high">
          {errorMessage(acknowledge.error)}
        </span>
      )}
    </span>
  );
}
