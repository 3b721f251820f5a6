import { type ReactNode, useEffect, useRef } from "react";
import styles from "./room.module.css";

/** The frame of a room: names the page, takes the focus when the person comes in, and shows the title with its lead. */
export function Room({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Stratum`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <div className={styles["room"]}>
      <header className={styles["head"]}>
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className={styles["lead"]}>{lead}</p>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}
