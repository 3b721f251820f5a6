import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Attempts } from "~/api/attempts";
import { api, data, keyed, type Schema, whole } from "~/api/client";
import { problemOf } from "~/api/problem";
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

/** What a person does with an action. */
export interface Verb {
  action: Action;
}

/** One that is sent, with the key of this press. */
type Sent<V> = V & { key: string };

function useVerb<V extends Verb, T>(send: (tenant_id: string, verb: Sent<V>) => Promise<T>) {
  const tenant_id = useTenantId();
  const queries = useQueryClient();
  const [attempts] = useState(() => new Attempts());
  return useMutation({
    // The action itself may have been reloaded between two presses; its id says which it is.
    mutationFn: (verb: V) => attempts.send({ ...verb, action: verb.action.id }, (key) => send(tenant_id, { ...verb, key })),
    // Refusals change something as well: what was found is stored with the action.
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey: [subject] }) => ["actions", "autopilot", "audit"].includes(String(subject)) }),
  });
}

const at = (tenant_id: string, { action, key }: Sent<Verb>) => ({ params: { path: { tenant_id, action_id: action.id } }, headers: keyed(key) });

export function useApprove() {
  return useVerb((tenant_id, verb: Sent<Verb & Schema<"ApproveBody">>) =>
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

/** Confirms a soft block with its token, and approves with the confirmed token; against the gate where there is a reason for that. */
export function useConfirm() {
  return useVerb(async (tenant_id, verb: Sent<Verb & { confirmation_token: string; reason: string; override_reason?: string }>) => {
    const { confirmation_token, reason, override_reason } = verb;
    const confirmed = data(
      api.POST("/api/v1/tenant/{tenant_id}/autopilot/enforcement/confirm", {
        params: { path: { tenant_id } },
        headers: keyed(`${verb.key}-confirm`),
        body: { confirmation_token, override_reason: reason },
      }),
    );
    await confirmed.catch((thrown) => {
      // Confirmed by a press before, whose approval was refused: the approval says whether that still counts.
      if (problemOf(thrown).code !== "TOKEN_USED") throw thrown;
    });
    const body = { confirmation_token, ...(override_reason === undefined ? {} : { override_reason }) };
    return data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/approve", { ...at(tenant_id, verb), body }));
  });
}

export function useDismiss() {
  return useVerb((tenant_id, verb: Sent<Verb & { reason: string }>) =>
    data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/dismiss", { ...at(tenant_id, verb), body: { reason: verb.reason } })),
  );
}

export function useRevoke() {
  return useVerb((tenant_id, verb: Sent<Verb & { reason: string }>) =>
    data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/revoke", { ...at(tenant_id, verb), body: { reason: verb.reason } })),
  );
}

export function useRollback() {
  return useVerb((tenant_id, verb: Sent<Verb & { reason: string }>) =>
    data(api.POST("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/rollback", { ...at(tenant_id, verb), body: { reason: verb.reason } })),
  );
}
