import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, keyed, type Schema, whole } from "~/api/client";
import { useSession, useTenantId } from "~/session/session";

export type Action = Schema<"Action">;

/** Actions by status, newest first; without one, all. */
export function useActions(status: string | null) {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["actions", tenant_id, "list", status],
    queryFn: () =>
      whole(
        api.GET("/api/v1/tenant/{tenant_id}/autopilot/actions", {
          params: { path: { tenant_id }, query: { per_page: 100, ...(status === null ? {} : { status }) } },
        }),
      ),
  });
}

/** One action with its history. */
export function useAction(action_id: string) {
  const tenant_id = useTenantId();
  return useQuery({
    queryKey: ["actions", tenant_id, "one", action_id],
    queryFn: () => data(api.GET("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}", { params: { path: { tenant_id, action_id } } })),
  });
}

/** The entries of the audit chain about one entity, which includes those of the action. */
export function useAudit(entity_id: string | undefined) {
  const tenant_id = useTenantId();
  const { can } = useSession();
  return useQuery({
    queryKey: ["audit", tenant_id, entity_id],
    enabled: entity_id !== undefined && can("reports:write"),
    queryFn: () =>
      whole(
        api.GET("/api/v1/tenant/{tenant_id}/autopilot/enforcement/audit-log", {
          params: { path: { tenant_id }, query: { days: 365, per_page: 200, ...(entity_id === undefined ? {} : { entity_id }) } },
        }),
      ),
  });
}

/** What a person does with an action. Each call carries the key that was made when the person decided. */
export interface Verb {
  action: Action;
  key: string;
}

function useVerb<V extends Verb, T>(send: (tenant_id: string, verb: V) => Promise<T>) {
  const tenant_id = useTenantId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (verb: V) => send(tenant_id, verb),
    // Refusals change something as well: what was found is stored with the action.
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey: [subject] }) => ["actions", "autopilot", "audit"].includes(String(subject)) }),
  });
}

const at = (tenant_id: string, { action, key }: Verb) => ({ params: { path: { tenant_id, action_id: action.id } }, headers: keyed(key) });

export function useApprove() {
  return useVerb((tenant_id, verb: Verb & Schema<"ApproveBody">) =>
    data(
      api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/approve", {
        ...at(tenant_id, verb),
        body: {
          ...(verb.override_reason === undefined ? {} : { override_reason: verb.override_reason }),
          ...(verb.confirmation_token === undefined ? {} : { confirmation_token: verb.confirmation_token }),
        },
      }),
    ),
  );
}

/** Confirms a soft block with its token, and approves with the confirmed token. */
export function useConfirm() {
  return useVerb(async (tenant_id, verb: Verb & { confirmation_token: string; reason: string }) => {
    const { confirmation_token, reason } = verb;
    await data(
      api.POST("/api/v1/tenant/{tenant_id}/autopilot/enforcement/confirm", {
        params: { path: { tenant_id } },
        headers: keyed(`${verb.key}-confirm`),
        body: { confirmation_token, override_reason: reason },
      }),
    );
    return data(
      api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/approve", { ...at(tenant_id, verb), body: { confirmation_token } }),
    );
  });
}

export function useDismiss() {
  return useVerb((tenant_id, verb: Verb & { reason: string }) =>
    data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/dismiss", { ...at(tenant_id, verb), body: { reason: verb.reason } })),
  );
}

export function useRevoke() {
  return useVerb((tenant_id, verb: Verb & { reason: string }) =>
    data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/revoke", { ...at(tenant_id, verb), body: { reason: verb.reason } })),
  );
}

export function useRollback() {
  return useVerb((tenant_id, verb: Verb & { reason: string }) =>
    data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/rollback", { ...at(tenant_id, verb), body: { reason: verb.reason } })),
  );
}
