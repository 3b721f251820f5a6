// What can be proved about a recorded decision without trusting the server: the library in the page decides again and
// hashes again.

import type { AuditRequest, Verification } from "@stratum-trust/wasm";
import { asked } from "~/engine/answer";
import type { Engine } from "~/engine/engine";
import type { ChainPiece, GateRecord } from "./queries";

/** Good, bad, or not to be told from here. */
export interface Finding {
  state: "good" | "bad" | "open";
  text: string;
}

/** Decides the record again: the same facts and policy must give the same bytes. */
export function replayed({ call }: Engine, record: GateRecord): Finding {
  const { id, facts, policy, outcome, facts_digest, policy_digest, outcome_digest } = record;
  const answer = asked(() => call("decision.replay", { record: { decision_id: id, facts, policy, outcome, facts_digest, policy_digest, outcome_digest } }));
  if (!answer.ok) return { state: "bad", text: `The record is not what was decided: ${answer.problems.map(({ message }) => message).join("; ")}` };
  const { identical, recorded, now, first_difference } = answer.value;
  if (identical) return { state: "good", text: "Decided again here from the same facts and policy: the same outcome, byte for byte" };
  return { state: "bad", text: `Decided again here it comes out ${now}, not ${recorded}; the first difference is at ${first_difference ?? "the end"}` };
}

/** Hashes the records of a piece again and follows their links; up to the end of the chain it must lead to its head. */
export function verified({ call }: Engine, piece: ChainPiece): Verification {
  const last = piece.from.seq + piece.records.length;
  const request: AuditRequest = { from: piece.from, records: piece.records, known_head: last >= piece.head.seq ? piece.head : null };
  return call("audit.verify", request);
}

interface Digests {
  facts_digest?: string;
  policy_digest?: string;
  outcome_digest?: string;
}

/** What of an entry is read here. */
export interface Entry {
  seq: number;
  created_at: string;
  action: string;
  actor_type: string;
  intervention?: { details?: Digests } | null;
}

export function entryOf(piece: ChainPiece, seq: number): Entry | undefined {
  return piece.records.map(({ entry }) => entry as unknown as Entry).find((entry) => entry.seq === seq);
}

/** Whether the chain holds this very record: its hash, and the digests of what it was made of. */
export function anchored(record: GateRecord, piece: ChainPiece): Finding {
  const at = piece.records.find(({ entry }) => (entry as unknown as Entry).seq === record.audit_seq);
  const said = entryOf(piece, record.audit_seq)?.intervention?.details;
  if (at === undefined || said === undefined) return { state: "bad", text: `The chain has no decision at number ${record.audit_seq}` };
  const same =
    at.hash === record.audit_hash && said.facts_digest === record.facts_digest && said.policy_digest === record.policy_digest && said.outcome_digest === record.outcome_digest;
  return same
    ? { state: "good", text: `Entry ${record.audit_seq} of the chain holds the digests of exactly these facts, this policy and this outcome` }
    : { state: "bad", text: `Entry ${record.audit_seq} of the chain holds other digests than this record` };
}

/** The links around the entry, in words. */
export function linked(piece: ChainPiece, found: Verification): Finding {
  const first = piece.from.seq + 1;
  if (!found.ok) return { state: "bad", text: `The chain is broken at ${found.first_bad_seq}: ${CAUSES[found.cause ?? "HASH"]}` };
  const isHead = found.head_seq >= piece.head.seq;
  return {
    state: "good",
    text: `${found.checked} entries, ${first} to ${found.head_seq}, were hashed again here and each links to the one before${isHead ? ", up to the head of the chain" : ""}`,
  };
}

const CAUSES = { HASH: "an entry was changed", LINK: "an entry does not follow the one before", GAP: "an entry is missing" } as const;

const PIECE = 500;

/** Verifies all of the chain from its first entry on, piece by piece. */
export async function verifyAll(engine: Engine, read: (from: number, to: number) => Promise<ChainPiece>, onProgress: (done: number, of: number) => void): Promise<Finding> {
  let checked = 0;
  let before: { seq: number; hash: string } | null = null;
  for (;;) {
    const from = checked + 1;
    const piece = await read(from, from + PIECE - 1);
    // The piece must begin where the last one ended here, whatever the server says.
    const start = before ?? { seq: 0, hash: "0".repeat(64) };
    const found = verified(engine, { ...piece, from: { ...piece.from, ...start } });
    if (!found.ok) return linked(piece, found);
    checked += found.checked;
    before = { seq: found.head_seq, hash: found.head_hash };
    onProgress(checked, piece.head.seq);
    if (piece.records.length === 0 || found.head_seq >= piece.head.seq) {
      return { state: "good", text: `All ${checked} entries were hashed again here, from the first to the head: nothing was changed, dropped or put in between` };
    }
  }
}
