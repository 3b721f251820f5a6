// Where a scenario begins: with what is measured and in force now, read from the server.

import { useQuery } from "@tanstack/react-query";
import { api, data, whole } from "~/api/client";
import { useSession } from "~/session/session";
import type { Platform } from "~/words/vocabulary";
import { proposed } from "./change";
import { limitsOf, trustOf } from "./in-force";
import { type Present, present } from "./present";
import type { Change, Limits, Trust } from "./scenario";

/** No event tells that settings were changed, or that nothing was measured any more: both are read again now and then. */
const AGAIN_MS = 60_000;

/** What is in force, and the platforms from the one with the lowest health on. */
export interface InForce {
  trust: Trust;
  limits: Limits;
  platforms: readonly Platform[];
}

export function useInForce() {
  const { tenant } = useSession();
  const params = { path: { tenant_id: tenant.id } };
  return useQuery({
    queryKey: ["what-if", tenant.id, "in force"],
    queryFn: async (): Promise<InForce> => {
      const [gate, enforcement, health] = await Promise.all([
        config(tenant.id),
        settings(tenant.id),
        data(api.GET("/api/v1/tenant/{tenant_id}/signal-health", { params })),
      ]);
      const worstFirst = [...health.platforms].sort((a, b) => a.score - b.score).map(({ platform }) => platform as Platform);
      return { trust: trustOf(gate), limits: limitsOf(enforcement), platforms: worstFirst };
    },
    refetchInterval: AGAIN_MS,
  });
}

const config = (tenant_id: string) => data(api.GET("/api/v1/tenant/{tenant_id}/trust-gate/config", { params: { path: { tenant_id } } }));
const settings = (tenant_id: string) => data(api.GET("/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings", { params: { path: { tenant_id } } }));

/** Where a scenario begins, beside the policy, and what of it is assumed. */
export interface Start extends Present {
  platform: Platform;
  change: Change;
  notes: readonly string[];
}

/** How a platform stands now, and a change that waits there, with what was known about it when the gate was last asked. */
export function useStart(platform: Platform | null) {
  const { tenant, can } = useSession();
  const tenant_id = tenant.id;
  return useQuery({
    queryKey: ["what-if", tenant_id, "start", platform],
    enabled: platform !== null,
    refetchInterval: AGAIN_MS,
    queryFn: async (): Promise<Start> => {
      if (platform === null) throw new Error("asked for a start without a platform");
      const now = Date.now();
      const path = { tenant_id };
      const [health, status, incidents, actions] = await Promise.all([
        data(api.GET("/api/v1/tenant/{tenant_id}/signal-health", { params: { path, query: { platform } } })),
        data(api.GET("/api/v1/tenant/{tenant_id}/autopilot/status", { params: { path } })).catch(() => null),
        // Open at this instant or opened later, which are all that are open.
        data(api.GET("/api/v1/tenant/{tenant_id}/incidents", { params: { path, query: { platform, from: new Date(now).toISOString(), per_page: 200 } } })).catch(() => null),
        whole(api.GET("/api/v1/tenant/{tenant_id}/autopilot/actions", { params: { path, query: { platform, status: "QUEUED", per_page: 50 } } })),
      ]);
      const decision = (decision_id: string) =>
        can("reports:write") ? data(api.GET("/api/v1/tenant/{tenant_id}/trust-gate/decisions/{decision_id}", { params: { path: { tenant_id, decision_id } } })).catch(() => null) : Promise.resolve(null);
      const stands = present(platform, { health, killSwitch: status?.kill_switch ?? null, incidents }, now);
      const waits = await proposed(platform, actions.data, decision, now);
      return { platform, ...stands.present, change: waits.change, notes: [...stands.notes, ...waits.notes] };
    },
  });
}
