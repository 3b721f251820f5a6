import { useMemo, useState } from "react";
import { type Engine, useEngine } from "~/engine/engine";
import { Button } from "~/parts/button";
import { Loading, Refusal } from "~/parts/states";
import { useSession } from "~/session/session";
import { when } from "~/words/figures";
import { capital, word } from "~/words/vocabulary";
import { anchored, type Entry, type Finding, linked, replayed, verified, verifyAll } from "./proof";
import styles from "./proving.module.css";
import { type ChainPiece, type GateRecord, readChain, useChainAround } from "./queries";

/** What of the decision was proved in this page, and what could not be. */
export function Proof({ record }: { record: GateRecord }) {
  const engine = useEngine();
  return (
    <section className={styles["proof"]} aria-labelledby="proof">
      <h3 id="proof">The proof, made in your browser</h3>
      {engine.error !== null ? <Refusal problem={engine.error} onAgain={() => void engine.refetch()} /> : engine.data === undefined ? <Loading what="the library" /> : <Findings engine={engine.data} record={record} />}
    </section>
  );
}

function Findings({ engine, record }: { engine: Engine; record: GateRecord }) {
  const { can } = useSession();
  const around = useChainAround(record.audit_seq);
  const piece = around.data;
  const again = useMemo(() => replayed(engine, record), [engine, record]);
  const chain = useMemo(() => (piece === undefined ? [] : [anchored(record, piece), linked(piece, verified(engine, piece))]), [engine, record, piece]);
  const isRead = can("audit:read");
  const mine: Finding = { state: "open", text: `Its place in the audit chain, entry ${record.audit_seq}: only admins may read the chain, so it was not verified here` };
  return (
    <>
      {piece !== undefined && <ChainLine piece={piece} seq={record.audit_seq} isGood={chain.every(({ state }) => state === "good")} />}
      <ul className={styles["findings"]}>
        {[again, ...(isRead ? chain : [mine])].map((finding) => (
          <Found key={finding.text} finding={finding} />
        ))}
        <Found
          finding={{
            state: "open",
            text: "Not proved here: that the facts were true when they were measured, and that the chain was not cut off at its end; for that compare its head with one that you kept elsewhere",
          }}
        />
      </ul>
      {around.error !== null && <Refusal problem={around.error} onAgain={() => void around.refetch()} />}
      {piece !== undefined && <Everything engine={engine} head={piece.head} />}
    </>
  );
}

const MARKS = { good: "M3.5 8.5l3 3 6-7", bad: "M4 4l8 8M12 4l-8 8", open: "M8 4.5v4.2M8 11.4v.2" } as const;
const SAID = { good: "proved", bad: "failed", open: "not proved" } as const;

function Found({ finding: { state, text } }: { finding: Finding }) {
  return (
    <li className={styles[state]}>
      <svg viewBox="0 0 16 16" width="16" height="16" role="img" aria-label={SAID[state]}>
        <path d={MARKS[state]} fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <span>{text}</span>
    </li>
  );
}

/** Brings the entry to the middle of its chain, and moves nothing else. */
function center(item: HTMLLIElement | null): void {
  const chain = item?.parentElement;
  if (item && chain) chain.scrollLeft = item.offsetLeft - (chain.clientWidth - item.clientWidth) / 2;
}

/** The entries around the decision, as links of a chain. */
function ChainLine({ piece, seq, isGood }: { piece: ChainPiece; seq: number; isGood: boolean }) {
  return (
    <ol className={`${styles["chain"]} ${isGood ? styles["whole"] : styles["torn"]}`} aria-label="The audit chain around the decision" tabIndex={0}>
      {piece.records.map(({ entry, hash }) => {
        const { seq: number, action, created_at } = entry as unknown as Entry;
        return (
          <li key={number} ref={number === seq ? center : null} className={number === seq ? styles["this"] : ""} aria-current={number === seq ? "true" : undefined}>
            <b className="number">{number}</b>
            <span>{capital(word(action))}</span>
            <code title={`${when(created_at)}, SHA-256 ${hash}`}>{hash.slice(0, 7)}</code>
          </li>
        );
      })}
    </ol>
  );
}

function Everything({ engine, head }: { engine: Engine; head: ChainPiece["head"] }) {
  const [state, setState] = useState<{ done: number; of: number } | Finding | Error | null>(null);
  const run = async () => {
    setState({ done: 0, of: head.seq });
    try {
      setState(await verifyAll(engine, readChain, (done, of) => setState({ done, of })));
    } catch (thrown) {
      setState(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  };
  const isBusy = state !== null && "done" in state;
  return (
    <div className={styles["everything"]}>
      <Button size="small" isPending={isBusy} onPress={() => void run()}>
        Verify all {head.seq} entries
      </Button>
      <div role="status">
        {isBusy && (
          <span className="soft number">
            {state.done} of {state.of}
          </span>
        )}
      </div>
      {state instanceof Error ? <Refusal problem={state} /> : state !== null && "state" in state ? <ul className={styles["findings"]}><Found finding={state} /></ul> : null}
      <p className={styles["head"]}>
        Head of the chain: entry {head.seq}, <code>{head.hash}</code>
      </p>
    </div>
  );
}
