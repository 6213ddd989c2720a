import { useMutation, useQueryClient } from "@tanstack/react-query";
import { notifier } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";
import { ALERTS, type Alert } from "./get-alerts";

export const acknowledgeAlert = (id: string): Promise<Alert> =>
  unwrap(notifier.POST("/api/v1/alerts/{alert_id}/acknowledge", { params: { path: { alert_id: id } } }));

export function useAcknowledgeAlert() {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ALERTS });
  return useMutation({ mutationFn: acknowledgeAlert, onSettled });
}
