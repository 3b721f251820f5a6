import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "~/api/client";
import { useTenantId } from "~/session/session";

/** Mode, switches, what the gate says of each platform, and counts. */
export function useAutopilot() {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["autopilot", tenant_id],
    queryFn: () => data(api.GET("/api/v1/tenant/{tenant_id}/autopilot/status", { params: { path: { tenant_id } } })),
  });
}

/** Stops every automated execution, or lets it go on. Repeating it changes nothing. */
export function useKillSwitch() {
  const tenant_id = useTenantId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { enabled: boolean; reason: string | null }) =>
      data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/enforcement/kill-switch", { params: { path: { tenant_id } }, body })),
    onSuccess: () => queries.invalidateQueries({ predicate: ({ queryKey: [subject] }) => ["autopilot", "actions", "audit", "what-if"].includes(String(subject)) }),
  });
}
