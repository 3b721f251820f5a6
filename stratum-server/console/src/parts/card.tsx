import type { ReactNode } from "react";
import styles from "./card.module.css";

/** A surface with a heading; `actions` stand at the right of the heading. */
export function Card({ title, actions, children, id }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className={styles["card"]} aria-labelledby={title !== undefined && id !== undefined ? id : undefined}>
      {(title !== undefined || actions !== undefined) && (
        <header className={styles["head"]}>
          {title !== undefined && <h2 id={id}>{title}</h2>}
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}
