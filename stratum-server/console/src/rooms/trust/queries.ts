import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, data, whole } from "~/api/client";
import { useSession, useTenantId } from "~/session/session";
import type { Decision, Platform } from "~/words/vocabulary";

const YEAR_OF_INCIDENTS = 200;

/** What was wrong with the signals and for how long, newest first. */
export function useIncidents() {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["health", tenant_id, "incidents"],
    queryFn: () => data(api.GET("/api/v1/tenant/{tenant_id}/incidents", { params: { path: { tenant_id }, query: { per_page: YEAR_OF_INCIDENTS } } })),
  });
}

/** One platform now, with its components and what is wrong. */
export function usePlatformHealth(platform: Platform) {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["health", tenant_id, "now", platform],
    queryFn: () => data(api.GET("/api/v1/tenant/{tenant_id}/signal-health", { params: { path: { tenant_id }, query: { platform } } })),
    placeholderData: keepPreviousData,
  });
}

export const PER_PAGE = 12;

/** A page of the decisions of the gate, newest first. */
export function useDecisions(decision: Decision | null, page: number) {
  const tenant_id = useTenantId();
  const { can } = useSession();
  return useQuery({
    queryKey: ["decisions", tenant_id, "list", decision, page],
    enabled: can("reports:write"),
    queryFn: () =>
      whole(
        api.GET("/api/v1/tenant/{tenant_id}/trust-gate/decisions", {
          params: { path: { tenant_id }, query: { per_page: PER_PAGE, page, ...(decision === null ? {} : { decision }) } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export type GateRecord = Awaited<ReturnType<typeof readDecision>>;

function readDecision(tenant_id: string, decision_id: string) {
  return data(api.GET("/api/v1/tenant/{tenant_id}/trust-gate/decisions/{decision_id}", { params: { path: { tenant_id, decision_id } } }));
}

/** One decision with all that it was made of. */
export function useDecision(decision_id: string) {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["decisions", tenant_id, "one", decision_id],
    queryFn: () => readDecision(tenant_id, decision_id),
    // A record never changes; if it did, that would be news for the proof, not for the cache.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export type ChainPiece = Awaited<ReturnType<typeof readChain>>;

/** A piece of the audit chain as it is stored; for admins. */
export function readChain(from_seq: number, to_seq: number) {
  return data(api.GET("/api/v1/audit-logs/records", { params: { query: { from_seq, to_seq } } }));
}

const AROUND = 5;

/** The records around one of the chain. */
export function useChainAround(seq: number | undefined) {
  const tenant_id = useTenantId();
  const { can } = useSession();
  return useQuery({
    queryKey: ["audit", tenant_id, "around", seq],
    enabled: seq !== undefined && can("audit:read"),
    queryFn: () => readChain(Math.max(1, (seq ?? 1) - AROUND), (seq ?? 1) + AROUND),
  });
}
