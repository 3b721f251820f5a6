import { useState } from "react";
import { Badge } from "~/parts/badge";
import { Button } from "~/parts/button";
import { Card } from "~/parts/card";
import { Choice } from "~/parts/choice";
import { Loading, Nothing, Refusal } from "~/parts/states";
import { ago, score, when } from "~/words/figures";
import { why } from "~/words/reasons";
import { capital, type Decision, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import styles from "./decisions.module.css";
import { PER_PAGE, useDecisions } from "./queries";
import table from "./table.module.css";

/** What the gate decided, newest first; each can be opened and proved. */
export function Decisions({ onOpen }: { onOpen(id: string): void }) {
  const [only, setOnly] = useState<Decision | "ALL">("ALL");
  const [page, setPage] = useState(1);
  const decisions = useDecisions(only === "ALL" ? null : only, page);
  return (
    <Card
      title="What the gate decided"
      id="decisions"
      actions={
        <Choice
          label="Show"
          value={only}
          options={[
            ["ALL", "all decisions"],
            ["PASS", "only passed"],
            ["HOLD", "only held"],
            ["BLOCK", "only blocked"],
          ]}
          onChange={(next) => {
            setOnly(next);
            setPage(1);
          }}
        />
      }
    >
      {decisions.error !== null ? (
        <Refusal problem={decisions.error} onAgain={() => void decisions.refetch()} />
      ) : decisions.data === undefined ? (
        <Loading what="the decisions" />
      ) : decisions.data.data.length === 0 ? (
        <Nothing>The gate has decided nothing of this kind yet.</Nothing>
      ) : (
        <>
          <div className={table["scroll"]} role="region" aria-labelledby="decisions" tabIndex={0}>
            <table className={`${table["table"]} ${styles["list"]}`}>
              <thead>
                <tr>
                  <th scope="col">What was asked</th>
                  <th scope="col">Verdict</th>
                  <th scope="col">Health</th>
                  <th scope="col">Because</th>
                  <th scope="col">When</th>
                </tr>
              </thead>
              <tbody>
                {decisions.data.data.map((one) => (
                  <tr key={one.id}>
                    <td>
                      <button type="button" className={styles["open"]} onClick={() => onOpen(one.id)}>
                        {Word(one.action_type)} on {one.platforms.map(word).join(" and ")}
                      </button>
                    </td>
                    <td>
                      <Badge tone={TONE_OF_DECISION[one.decision as Decision]}>{Word(one.decision)}</Badge>
                    </td>
                    <td className="number">
                      {score(one.score)} <span className="soft">of {one.threshold}</span>
                    </td>
                    <td>{capital(one.reasons.map(({ code }) => why(code)).join(", "))}</td>
                    <td className={styles["when"]}>
                      <time dateTime={one.evaluated_at} title={when(one.evaluated_at)}>
                        {ago(one.evaluated_at)}
                      </time>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {decisions.data.meta.total > PER_PAGE && (
            <nav className={styles["pages"]} aria-label="Pages of decisions">
              <Button size="small" isDisabled={page === 1} onPress={() => setPage(page - 1)}>
                Newer
              </Button>
              <span className="soft number">
                {(page - 1) * PER_PAGE + 1}–{Math.min(page * PER_PAGE, decisions.data.meta.total)} of {decisions.data.meta.total}
              </span>
              <Button size="small" isDisabled={page * PER_PAGE >= decisions.data.meta.total} onPress={() => setPage(page + 1)}>
                Older
              </Button>
            </nav>
          )}
        </>
      )}
    </Card>
  );
}
