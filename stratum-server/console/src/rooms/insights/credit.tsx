import type { Journey } from "@stratum-trust/wasm/full";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { customer } from "~/engine/customer";
import { Card } from "~/parts/card";
import { CreditByModel } from "~/parts/chart/credit";
import { Choice } from "~/parts/choice";
import { Loading, Nothing, Refusal } from "~/parts/states";
import { useSession } from "~/session/session";
import { money } from "~/words/figures";
import styles from "./index.module.css";
import { creditOf, creditTable, EXPLAINED, type Measure } from "./journeys";

/** Which channel is credited with what, by every model over the same journeys. */
export function CreditCard({ journeys, about }: { journeys: readonly Journey[]; about: readonly unknown[] }) {
  const { tenant } = useSession();
  const hasValue = journeys.some(({ conversion }) => conversion !== null && conversion.value_cents > 0);
  const [chosen, setChosen] = useState<Measure>("value_cents");
  const measure = hasValue ? chosen : "conversions";
  const said = useQuery({ queryKey: ["insights", ...about, "credit"], queryFn: () => creditOf(customer(), journeys), staleTime: Number.POSITIVE_INFINITY, retry: false });
  const table = said.data === undefined ? null : creditTable(said.data, measure);
  const say = (credit: number) => (measure === "conversions" ? credit.toLocaleString("en", { maximumFractionDigits: 2 }) : money(credit, tenant.currency));
  const whole = table?.models[0]?.credits.reduce((sum, one) => sum + one, 0) ?? 0;
  return (
    <Card
      title="Who is credited"
      id="credit"
      actions={
        hasValue && (
          <Choice<Measure>
            label="With"
            value={measure}
            options={[
              ["value_cents", "revenue"],
              ["conversions", "conversions"],
            ]}
            onChange={setChosen}
          />
        )
      }
    >
      {said.error !== null ? (
        <Refusal problem={said.error} />
      ) : table === null ? (
        <Loading what="the models" />
      ) : table.channels.length === 0 ? (
        <Nothing>Nobody converted, so there is nothing to credit.</Nothing>
      ) : (
        <>
          <p className={styles["how"]}>
            Every bar shares out the same {measure === "conversions" ? `${say(whole)} ${whole === 1 ? "conversion" : "conversions"}` : `${say(whole)} of revenue`} among the channels, each by another rule. Where the bars are alike, the models agree; where they differ, the credit hangs on the rule.
          </p>
          <CreditByModel what={measure === "conversions" ? "conversions" : "revenue"} channels={table.channels} models={table.models} say={say} />
          <details className={styles["models"]}>
            <summary>What each model does</summary>
            <dl>
              {EXPLAINED.map(([name, does]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </details>
        </>
      )}
    </Card>
  );
}
