import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { customer } from "~/engine/customer";
import { Card } from "~/parts/card";
import { IdentityLinks } from "~/parts/chart/identity";
import { Choice } from "~/parts/choice";
import { Loading, Nothing, Refusal } from "~/parts/states";
import type { Read } from "./index";
import styles from "./index.module.css";
import { graphOf, type People } from "./people";

/** So many people are offered: those with the most identifiers. */
const OFFERED = 40;

/** Why these identifiers are one person. */
export function Persons({ file, people }: { file: Read; people: People }) {
  const several = people.profiles.filter(({ identifiers }) => identifiers.length > 1);
  const offered = [...several].sort((a, b) => b.identifiers.length - a.identifiers.length || (a.canonical < b.canonical ? -1 : 1)).slice(0, OFFERED);
  const [chosen, setChosen] = useState(offered[0]?.canonical ?? "");
  const profile = offered.find(({ canonical }) => canonical === chosen);
  const graph = useQuery({
    queryKey: ["insights", file.turn, "graph", chosen],
    enabled: profile !== undefined,
    queryFn: () => {
      if (profile === undefined) throw new Error("asked for nobody's graph");
      return graphOf(customer(), profile, file.entries);
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Card title="Why these are one person" id="persons" actions={offered.length > 0 && <Choice label="Person" value={chosen} options={offered.map(({ canonical, identifiers }) => [canonical, `${canonical.slice(canonical.indexOf(":") + 1)} (${identifiers.length})`] as const)} onChange={setChosen} />}>
      {profile === undefined ? (
        <Nothing>Nobody in this file has two identifiers.</Nothing>
      ) : graph.error !== null ? (
        <Refusal problem={graph.error} />
      ) : graph.data === undefined ? (
        <Loading what="the identifiers" />
      ) : (
        <>
          <p className={styles["how"]}>Each line is evidence that two identifiers belong to the same person: the thicker, the surer, and dashed where it is certain by less than 0.9.</p>
          <IdentityLinks graph={graph.data} />
        </>
      )}
    </Card>
  );
}
