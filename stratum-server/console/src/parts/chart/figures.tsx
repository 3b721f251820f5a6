import type { ReactNode } from "react";
import styles from "./figures.module.css";

interface Props {
  /** What the table holds, in a few words. */
  name: string;
  head: readonly string[];
  /** Of each row the first cell names it. */
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
}

/** What a picture shows, in figures: for those who do not see it, and for those who want to know exactly. */
export function Figures({ name, head, rows }: Props) {
  return (
    <details className={styles["figures"]}>
      <summary>{name} in a table</summary>
      <div className={styles["scroll"]} role="region" aria-label={name} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {head.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, cells: [first, ...rest] }) => (
              <tr key={key}>
                <th scope="row">{first}</th>
                {rest.map((cell, column) => (
                  <td key={head[column + 1]} className="number">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
