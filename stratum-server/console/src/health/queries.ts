import { useQuery } from "@tanstack/react-query";
import { api, data } from "~/api/client";
import { useTenantId } from "~/session/session";

/** The health of all connected platforms now. */
export function useHealth() {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["health", tenant_id, "now"],
    queryFn: () => data(api.GET("/api/v1/tenant/{tenant_id}/signal-health", { params: { path: { tenant_id } } })),
  });
}

/** One platform's health by day, oldest first. */
export function useHistory(platform: string, days = 90) {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["health", tenant_id, "history", platform, days],
    queryFn: () =>
      data(api.GET("/api/v1/tenant/{tenant_id}/signal-health/history", { params: { path: { tenant_id }, query: { platform, days } } })),
  });
}

/** What the platforms claim against what GA4 or the CRM counts, over the last complete days. */
export function useVariance() {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["health", tenant_id, "variance"],
    queryFn: () => data(api.GET("/api/v1/tenant/{tenant_id}/attribution-variance", { params: { path: { tenant_id } } })),
  });
}
