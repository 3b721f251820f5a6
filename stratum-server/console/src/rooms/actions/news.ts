import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useLiveEvent } from "~/live/live";
import { useNotices } from "~/parts/notices";
import { useSession } from "~/session/session";
import { type Tone, word } from "~/words/vocabulary";
import { nameOf } from "./change";
import type { Action } from "./queries";

interface Update {
  action_id: string;
  from: string | null;
  to: string;
  status_reason: string | null;
  actor_id: string | null;
}

const WORTH_TELLING: Record<string, Tone> = { APPLIED: "pass", FAILED: "block", DISMISSED: "idle", QUEUED: "idle", APPROVED: "idle" };

/** Says what happens to actions while the person looks at something else: what others decide, and what the platforms do. */
export function useNews(): void {
  const queries = useQueryClient();
  const { me } = useSession();
  const { tell } = useNotices();
  const names = useRef(new Map<string, string>());
  useLiveEvent("action_status_update", (payload) => {
    const update = payload as Update;
    const tone = WORTH_TELLING[update.to];
    if (tone === undefined || update.from === update.to || update.actor_id === me.user.id) return;
    const name = known(update.action_id) ?? "A change";
    if (update.to === "QUEUED") tell(update.from === null ? "A new change was proposed." : `${name} waits for a decision again.`, tone);
    else tell(`${name}: ${word(update.to)}${update.status_reason ? `, ${word(update.status_reason)}` : ""}.`, tone);
  });

  /** The name, also of an action that has just left the list that is shown. */
  function known(id: string): string | null {
    const remembered = names.current.get(id);
    if (remembered !== undefined) return remembered;
    for (const [, list] of queries.getQueriesData<{ data: Action[] }>({ queryKey: ["actions"] })) {
      const found = Array.isArray(list?.data) ? list.data.find((action) => action.id === id) : undefined;
      if (found) {
        names.current.set(id, nameOf(found));
        return nameOf(found);
      }
    }
    return null;
  }
}
