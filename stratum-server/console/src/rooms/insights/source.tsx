import { DropZone, FileTrigger } from "react-aria-components";
import { Button } from "~/parts/button";
import { Card } from "~/parts/card";
import { onDay } from "~/words/figures";
import type { Read } from "./index";
import type { People } from "./people";
import styles from "./source.module.css";

interface Props {
  file: Read;
  people: People | undefined;
  problem: string | null;
  onOpen(name: string, text: string): void;
  onExample(): void;
}

const SHOWN = 5;
const KINDS = [".csv", ".json", ".jsonl", ".ndjson", "text/csv", "application/json"];

/** Which file is looked at, how to give another one, and what of it was set aside. */
export function Source({ file, people, problem, onOpen, onExample }: Props) {
  const take = async (given: File | undefined) => {
    if (given !== undefined) onOpen(given.name, await given.text());
  };
  const times = file.entries.reduce(({ from, to }, { at }) => ({ from: Math.min(from, at), to: Math.max(to, at) }), { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY });
  const count = (number: number | undefined) => (number === undefined ? "…" : number.toLocaleString("en"));
  return (
    <Card title={file.name} id="file">
      <DropZone
        className={styles["zone"]!}
        getDropOperation={() => "copy"}
        onDrop={(event) => {
          const [item] = event.items.filter((one) => one.kind === "file");
          if (item?.kind === "file") void item.getFile().then(take);
        }}
      >
        <dl className={styles["facts"]}>
          <div>
            <dt>Events</dt>
            <dd className="number">{count(file.entries.length)}</dd>
          </div>
          <div>
            <dt>People</dt>
            <dd className="number">{count(people?.profiles.length)}</dd>
          </div>
          <div>
            <dt>Identifiers not used</dt>
            <dd className="number">{count(people?.refused)}</dd>
          </div>
          <div>
            <dt>Days</dt>
            <dd>
              {onDay(times.from)}
              {onDay(times.to) !== onDay(times.from) && ` – ${onDay(times.to)}`}
            </dd>
          </div>
        </dl>
        <div className={styles["open"]}>
          <FileTrigger acceptedFileTypes={KINDS} onSelect={(files) => void take(files?.[0])}>
            <Button look="main">Open a file…</Button>
          </FileTrigger>
          {file.turn > 0 && <Button onPress={onExample}>The example again</Button>}
          <span className="soft">or drop it here: CSV or JSON</span>
        </div>
      </DropZone>
      {problem !== null && (
        <p role="alert" className={styles["problem"]}>
          {problem}
        </p>
      )}
      {file.setAside.length > 0 && (
        <div className={styles["aside"]} role="status">
          <b>
            {count(file.setAside.length)} {file.setAside.length === 1 ? "row was" : "rows were"} set aside
          </b>
          <ul>
            {file.setAside.slice(0, SHOWN).map(({ row, why }) => (
              <li key={row}>
                Row {row}: {why}
              </li>
            ))}
          </ul>
        </div>
      )}
      <details className={styles["columns"]}>
        <summary>Which columns are read</summary>
        <p>
          One row is one event: <code>time</code> and <code>event</code>; who it was, by any of <code>customer_id</code>, <code>email</code>, <code>phone</code>, <code>device_id</code>, <code>visitor_id</code>; the <code>channel</code> that brought them (and <code>kind</code>, click or view); the <code>value</code> of a purchase, such as 49.90. JSON has the same names, as a list or one object a line.
        </p>
      </details>
    </Card>
  );
}
