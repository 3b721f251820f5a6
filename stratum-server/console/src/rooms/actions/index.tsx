import { useEffect, useRef } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useNavigate, useParams, useSearchParams, Routes, Route } from "react-router";
import { StopButton } from "~/autopilot/kill-switch";
import { useAutopilot } from "~/autopilot/queries";
import { HealthStrip } from "~/health/strip";
import { Loading, Nothing, Refusal } from "~/parts/states";
import { Room } from "~/parts/room";
import { useSession } from "~/session/session";
import { Word } from "~/words/vocabulary";
import { ActionCard } from "./action-card";
import { Detail } from "./detail";
import styles from "./index.module.css";
import { useNews } from "./news";
import { type Action, useActions } from "./queries";

const LISTS = [
  ["QUEUED", "Waiting for you"],
  ["APPROVED", "Approved"],
  ["APPLIED", "Applied"],
  ["FAILED", "Failed"],
  ["DISMISSED", "Dismissed"],
] as const;

const EMPTY: Record<string, string> = {
  QUEUED: "Nothing waits for you. What rules and recommendations propose appears here by itself.",
  APPROVED: "Nothing is approved and waiting. Where the gate passes, an approved change runs within a second.",
  APPLIED: "Nothing was applied yet.",
  FAILED: "Nothing failed.",
  DISMISSED: "Nothing was dismissed.",
};

/** What automation wants to change, and what became of it. */
export default function ActionsRoom() {
  const status = useAutopilot();
  useNews();
  return (
    <Room
      title="Actions"
      lead={
        <>
          What automation wants to change, and whether the signals are good enough to let it.
          {status.data && <> Mode: {Word(status.data.mode)}.</>}
        </>
      }
      actions={<StopButton />}
    >
      {status.data ? <HealthStrip gates={status.data.gate} /> : status.error !== null ? <Refusal problem={status.error} onAgain={() => void status.refetch()} /> : <Loading what="the platforms" />}
      <Queue />
      <Routes>
        <Route path=":id" element={<OpenDetail />} />
        <Route path="*" element={null} />
      </Routes>
    </Room>
  );
}

function OpenDetail() {
  const { id = "" } = useParams();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  return <Detail id={id} onClose={() => void navigate({ pathname: "/actions", search: search.toString() })} />;
}

function Queue() {
  const [search, setSearch] = useSearchParams();
  const { tenant } = useSession();
  const autopilot = useAutopilot();
  const asked = search.get("show")?.toUpperCase() ?? "QUEUED";
  const shown = LISTS.some(([name]) => name === asked) ? asked : "QUEUED";
  const counts: Record<string, number | undefined> = { QUEUED: autopilot.data?.counts.queued, APPROVED: autopilot.data?.counts.approved };
  return (
    <Tabs className={styles["queue"]!} selectedKey={shown} onSelectionChange={(key) => setSearch(key === "QUEUED" ? {} : { show: String(key).toLowerCase() })}>
      <TabList aria-label="Actions by state" className={styles["tabs"]!}>
        {LISTS.map(([name, text]) => (
          <Tab key={name} id={name} className={styles["tab"]!}>
            <Name text={text} isShown={name === shown} />
            {counts[name] !== undefined && <span className={`${styles["count"]} number`}>{counts[name]}</span>}
          </Tab>
        ))}
      </TabList>
      {LISTS.map(([name]) => (
        <TabPanel key={name} id={name}>
          <List status={name} currency={tenant.currency} isStopped={autopilot.data?.enabled === false} />
        </TabPanel>
      ))}
    </Tabs>
  );
}

/** On a phone not all tabs have room: the one that is shown comes into sight. */
function Name({ text, isShown }: { text: string; isShown: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const tab = place.current?.closest<HTMLElement>('[role="tab"]');
    const list = tab?.closest<HTMLElement>('[role="tablist"]');
    if (isShown && tab && list) list.scrollLeft = tab.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
  }, [isShown]);
  return <span ref={place}>{text}</span>;
}

function List({ status, currency, isStopped }: { status: string; currency: string; isStopped: boolean }) {
  const actions = useActions(status);
  if (actions.error !== null) return <Refusal problem={actions.error} onAgain={() => void actions.refetch()} />;
  if (actions.data === undefined) return <Loading what="the actions" />;
  if (actions.data.data.length === 0) return <Nothing>{EMPTY[status]}</Nothing>;
  return (
    <ul className={styles["list"]}>
      {inOrder(actions.data.data).map((action) => (
        <li key={action.id}>
          <ActionCard action={action} currency={currency} isStopped={isStopped} />
        </li>
      ))}
    </ul>
  );
}

/** What does not pass comes first: it is what people ask about. Within that, the order of the server. */
function inOrder(actions: readonly Action[]): Action[] {
  const rank = (action: Action) => (action.gate == null ? 2 : action.gate.decision === "PASS" ? 1 : 0);
  return [...actions].sort((a, b) => rank(a) - rank(b));
}
