import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { api, data, type Schema } from "~/api/client";
import { problemOf } from "~/api/problem";
import { end, keep, mayBeSignedIn, onSignedOut } from "./tokens";

/** What a role may do; the names are the server's. */
export type Permission =
  | "read"
  | "autopilot:queue"
  | "autopilot:approve"
  | "autopilot:freeze"
  | "autopilot:settings"
  | "autopilot:override"
  | "autopilot:unfreeze"
  | "reports:write"
  | "audit:read";

interface Session {
  me: Schema<"Me">;
  tenant: Schema<"Tenant">;
  can(permission: Permission): boolean;
  signOut(): Promise<void>;
}

interface Entrance {
  state: "starting" | "signed-out" | "signed-in" | "unreachable";
  session: Session | null;
  signIn(email: string, password: string): Promise<void>;
  again(): void;
}

const Context = createContext<Entrance | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [present, setPresent] = useState(mayBeSignedIn);
  const me = useQuery({
    queryKey: ["me"],
    queryFn: () => data(api.GET("/api/v1/auth/me")),
    enabled: present,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

  useEffect(
    () =>
      onSignedOut(() => {
        setPresent(false);
        queries.clear();
      }),
    [queries],
  );

  const signIn = useCallback(
    async (email: string, password: string) => {
      keep(await data(api.POST("/api/v1/auth/login", { body: { email, password } })));
      queries.clear();
      setPresent(true);
    },
    [queries],
  );
  const signOut = useCallback(async () => {
    try {
      await api.POST("/api/v1/auth/logout", { body: { all_devices: false } });
    } finally {
      end();
    }
  }, []);

  const entrance = useMemo<Entrance>(() => {
    const again = () => void me.refetch();
    if (!present) return { state: "signed-out", session: null, signIn, again };
    if (me.data) {
      const permissions = new Set<string>(me.data.permissions);
      const session = { me: me.data, tenant: me.data.tenant, can: (name: Permission) => permissions.has(name), signOut };
      return { state: "signed-in", session, signIn, again };
    }
    const lost = me.error !== null && problemOf(me.error).status !== 401;
    if (me.error !== null && !lost) return { state: "signed-out", session: null, signIn, again };
    return { state: lost ? "unreachable" : "starting", session: null, signIn, again };
  }, [present, me, signIn, signOut]);

  return <Context value={entrance}>{children}</Context>;
}

/** How the visitor stands at the door. */
export function useEntrance(): Entrance {
  const entrance = useContext(Context);
  if (entrance === null) throw new Error("useEntrance outside of SessionProvider");
  return entrance;
}

/** Who is signed in. Only for what is shown behind the door. */
export function useSession(): Session {
  const { session } = useEntrance();
  if (session === null) throw new Error("useSession before signing in");
  return session;
}

/** The tenant of the person, for paths and for query keys. */
export function useTenantId(): string {
  return useSession().tenant.id;
}
