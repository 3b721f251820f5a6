import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { customer } from "~/engine/customer";
import { Card } from "~/parts/card";
import { Choice, Tick } from "~/parts/choice";
import { FunnelSteps } from "~/parts/chart/funnel";
import { PathFlows } from "~/parts/chart/sankey";
import { Room } from "~/parts/room";
import { Loading, Nothing, Refusal } from "~/parts/states";
import { digitsOf } from "~/words/figures";
import { useSession } from "~/session/session";
import { CreditCard } from "./credit";
import { example } from "./example";
import { type FileOfEvents, read } from "./file";
import styles from "./index.module.css";
import { CONVERTED, journeysOf, LEFT, pathsOf } from "./journeys";
import { Persons } from "./persons";
import { eventNames, findPeople, funnelOf, type People } from "./people";
import { Source } from "./source";

/** A file of events, and all that this page keeps of it. */
export interface Read extends FileOfEvents {
  name: string;
  /** Tells one reading from another. */
  turn: number;
}

/** What a file of events tells: ways, funnel, people. All of it is reckoned in the page; nothing of the file leaves it. */
export default function Insights() {
  const { tenant } = useSession();
  const digits = digitsOf(tenant.currency);
  const [file, setFile] = useState<Read>(() => ({ ...read(example(), digits), name: "A shop's month, made up", turn: 0 }));
  const [problem, setProblem] = useState<string | null>(null);
  const open = (name: string, text: string) => {
    try {
      const next = read(text, digits);
      setFile((before) => ({ ...next, name, turn: before.turn + 1 }));
      setProblem(null);
    } catch (thrown) {
      setProblem(`${name} was not read: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  };
  const people = useQuery({ queryKey: ["insights", file.turn, "people"], queryFn: () => findPeople(customer(), file.entries), ...ONCE });
  return (
    <Room title="Insights" lead="What a file of events tells: the ways people went, where they stopped, and who is one person. It is reckoned in this page; nothing of the file leaves it.">
      <Source file={file} people={people.data} problem={problem} onOpen={open} onExample={() => open("A shop's month, made up", example())} />
      {people.error !== null ? (
        <Refusal problem={people.error} onAgain={() => void people.refetch()} />
      ) : people.data === undefined ? (
        <Loading what="who is who" />
      ) : (
        <Pictures key={file.turn} file={file} people={people.data} />
      )}
    </Room>
  );
}

/** What was reckoned from a file does not become old. */
const ONCE = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;
/** Of the kinds of event; a funnel of more steps tells nobody anything. */
const MOST_STEPS = 5;
const MOST_NAMES = 10;

function Pictures({ file, people }: { file: Read; people: People }) {
  const names = eventNames(people);
  const [conversion, setConversion] = useState(() => (names.find(({ isWorth }) => isWorth) ?? names.at(-1))?.name ?? "");
  const shown = names.slice(0, MOST_NAMES);
  const [steps, setSteps] = useState<readonly string[]>(() => suggested(names.map(({ name }) => name), conversion));
  const inOrder = shown.filter(({ name }) => steps.includes(name)).map(({ name }) => name);
  const funnel = useQuery({ queryKey: ["insights", file.turn, "funnel", inOrder], enabled: inOrder.length >= 2, queryFn: () => funnelOf(customer(), people, inOrder), ...ONCE });
  const about = [file.turn, conversion];
  const journeys = useQuery({ queryKey: ["insights", ...about, "journeys"], queryFn: () => journeysOf(customer(), people, conversion), ...ONCE });
  const paths = useMemo(() => pathsOf(journeys.data ?? []), [journeys.data]);
  return (
    <div className={styles["pictures"]}>
      <Card title="The ways they went" id="ways" actions={<Choice label="A conversion is" value={conversion} options={names.map(({ name }) => [name, name] as const)} onChange={setConversion} />}>
        {journeys.error !== null ? (
          <Refusal problem={journeys.error} />
        ) : journeys.data === undefined ? (
          <Loading what="the ways" />
        ) : paths.length === 0 ? (
          <Nothing>No row names a channel, so there is no way to show.</Nothing>
        ) : (
          <>
            <p className={styles["how"]}>From the first channel at the left to how it ended at the right: each band is as wide as the people were many who went that way. What led to a conversion counts within the look-back windows before it.</p>
            <PathFlows label="From channel to channel" paths={paths} ends={{ [CONVERTED]: "--pass-fill", [LEFT]: "--idle-fill" }} />
          </>
        )}
      </Card>
      {journeys.data !== undefined && <CreditCard journeys={journeys.data} about={about} />}
      <div className={styles["two"]}>
        <Card title="How far they came" id="funnel">
          <p className={styles["how"]}>How many people did these steps in this order, within 30 days of the first. The shares are of all who began.</p>
          <div className={styles["names"]} role="group" aria-label="Steps of the funnel">
            {shown.map(({ name }) => (
              <Tick key={name} label={name} isOn={steps.includes(name)} onChange={(isOn) => setSteps(isOn ? [...steps, name] : steps.filter((one) => one !== name))} />
            ))}
          </div>
          {inOrder.length < 2 ? (
            <Nothing>A funnel has two steps or more.</Nothing>
          ) : funnel.error !== null ? (
            <Refusal problem={funnel.error} />
          ) : funnel.data === undefined ? (
            <Loading what="the funnel" />
          ) : (
            <FunnelSteps label="The funnel" steps={funnel.data.steps} />
          )}
        </Card>
        <Persons file={file} people={people} />
      </div>
    </div>
  );
}

/** The kinds of event that most people did, with the conversion. A login is on nobody's way to a purchase. */
function suggested(names: readonly string[], conversion: string): string[] {
  const others = names.filter((name) => name !== conversion && !/log.?in|identify|sign.?(in|up)/i.test(name));
  return [...others.slice(0, MOST_STEPS - 1), conversion];
}
