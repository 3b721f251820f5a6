import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { Tone } from "~/words/vocabulary";
import { Button } from "./button";
import styles from "./notices.module.css";

interface Notice {
  id: number;
  text: string;
  tone: Tone;
}

interface Notices {
  /** Says something at the foot of the page, and to screen readers. */
  tell(text: string, tone?: Tone): void;
}

const Context = createContext<Notices | null>(null);
const STAYS_MS = 8000;
const MOST = 4;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setNotices((all) => all.filter((notice) => notice.id !== id)), []);
  const tell = useCallback(
    (text: string, tone: Tone = "idle") => {
      next.current += 1;
      const id = next.current;
      setNotices((all) => [...all.filter((notice) => notice.text !== text), { id, text, tone }].slice(-MOST));
      setTimeout(() => drop(id), STAYS_MS);
    },
    [drop],
  );
  const value = useMemo(() => ({ tell }), [tell]);
  return (
    <Context value={value}>
      {children}
      <div className={styles["notices"]} role="status" aria-live="polite" aria-label="News">
        {notices.map(({ id, text, tone }) => (
          <div key={id} className={`${styles["notice"]} ${styles[tone]}`}>
            <span>{text}</span>
            <Button look="quiet" size="small" aria-label="Close this message" onPress={() => drop(id)}>
              ✕
            </Button>
          </div>
        ))}
      </div>
    </Context>
  );
}

export function useNotices(): Notices {
  const notices = useContext(Context);
  if (notices === null) throw new Error("useNotices outside of NoticesProvider");
  return notices;
}
