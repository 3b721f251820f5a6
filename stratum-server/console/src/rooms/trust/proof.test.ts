import { expect, it } from "vitest";
import type { Engine } from "~/engine/engine";
import { anchored, linked, replayed, verifyAll } from "./proof";
import type { ChainPiece, GateRecord } from "./queries";

const hash = (digit: string) => digit.repeat(64);
const record = { audit_seq: 2, audit_hash: hash("b"), facts_digest: hash("1"), policy_digest: hash("2"), outcome_digest: hash("3") } as GateRecord;
const entry = (seq: number, outcome_digest = hash("3")) => ({ seq, intervention: { details: { facts_digest: hash("1"), policy_digest: hash("2"), outcome_digest } } });
const piece = (entries: readonly unknown[], head = 2): ChainPiece =>
  ({
    from: { tenant_id: "t", seq: 0, hash: hash("0") },
    records: entries.map((one, index) => ({ entry: one, hash: hash("ab".charAt(index)), prev_hash: hash("0a".charAt(index)) })),
    head: { tenant_id: "t", seq: head, hash: hash("b") },
  }) as ChainPiece;
const good = (checked: number, head_seq: number) => ({ ok: true, checked, head_seq, head_hash: hash("b"), first_bad_seq: null, cause: null });
/** A library that answers as it is told, and keeps what it was asked. */
const told = (...answers: unknown[]) => {
  const questions: unknown[] = [];
  const call = ((_: string, question: unknown) => {
    questions.push(question);
    return answers.shift();
  }) as unknown as Engine["call"];
  return { engine: { call, callJson: () => "" }, questions };
};

it("a record is in the chain when its hash and all three digests are there", () => {
  expect(anchored(record, piece([entry(1), entry(2)])).state).toBe("good");
  expect(anchored(record, piece([entry(1), entry(2, hash("9"))])).state).toBe("bad");
  expect(anchored({ ...record, audit_hash: hash("c") }, piece([entry(1), entry(2)])).state).toBe("bad");
  expect(anchored(record, piece([entry(1)])).state).toBe("bad");
});

it("a decision that comes out otherwise is said to, with its first difference", () => {
  const { engine } = told({ identical: false, recorded: "HOLD", now: "PASS", first_difference: "/gate/score" });
  expect(replayed(engine, record)).toEqual({ state: "bad", text: "Decided again here it comes out PASS, not HOLD; the first difference is at /gate/score" });
});

it("a broken link says where and why", () => {
  expect(linked(piece([entry(1)]), { ...good(0, 0), ok: false, first_bad_seq: 7, cause: "GAP" }).text).toBe("The chain is broken at 7: an entry is missing");
});

it("the whole chain is verified piece by piece, each from where the last one ended here", async () => {
  const { engine, questions } = told(good(500, 500), good(3, 503));
  const asked: number[][] = [];
  const read = async (from: number, to: number) => {
    asked.push([from, to]);
    return { ...piece([entry(from)], 503), from: { tenant_id: "t", seq: from - 1, hash: hash("f") } } as ChainPiece;
  };
  const found = await verifyAll(engine, read, () => undefined);
  expect(found.state).toBe("good");
  expect(asked).toEqual([[1, 500], [501, 1000]]);
  expect(questions).toMatchObject([{ from: { seq: 0, hash: hash("0") } }, { from: { seq: 500, hash: hash("b") } }]);
});
