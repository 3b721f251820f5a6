import type { IdentityGraph, LinkType } from "@stratum-trust/wasm/full";
import { useMemo } from "react";
import { onDay } from "~/words/figures";
import { Figures } from "./figures";
import styles from "./identity.module.css";
import { columns } from "./neighbourhood";
import { useWidth } from "./width";

const EVIDENCE: Record<LinkType, string> = {
  manual: "an operator",
  login: "a login",
  purchase: "a purchase",
  form_submit: "a form",
  same_event: "one event",
  same_session: "one session",
  inferred: "inference",
};
const KINDS: Record<string, string> = { email: "e-mail", phone: "phone", device_id: "device", anonymous_id: "visitor", external_id: "customer" };

const ROW = 58;
const RADIUS = 9;
/** Of a letter of the labels, on the average, in pixels. */
const LETTER = 7.2;

/** `email:jane@shop.example` as its kind and its value. */
function parted(identifier: string): [string, string] {
  const at = identifier.indexOf(":");
  const kind = identifier.slice(0, at);
  return [KINDS[kind] ?? kind, identifier.slice(at + 1)];
}

/** The identifiers of one person, and the evidence that ties them together. */
export function IdentityLinks({ graph }: { graph: IdentityGraph }) {
  const [place, width] = useWidth<HTMLDivElement>();
  const laid = useMemo(() => columns(graph), [graph]);
  const height = Math.max(...laid.map((column) => column.length)) * ROW;
  const step = width / laid.length;
  const spots = new Map(
    laid.flatMap((column) => column.map(({ identifier, depth, place }) => [identifier, { x: RADIUS + 3 + depth * step, y: (height / column.length) * (place + 0.5) - 8, depth }] as const)),
  );
  const short = (text: string) => {
    const most = Math.max(4, Math.floor((step - 12) / LETTER));
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
  };
  const [first] = graph.nodes;
  const kinds = graph.nodes.map(({ identifier }) => parted(identifier)[0]);
  return (
    <figure className={styles["identity"]}>
      <div ref={place}>
        {width > 0 && (
          <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${graph.nodes.length} identifiers of one person around ${first === undefined ? "nobody" : parted(first.identifier).join(" ")}: ${[...new Set(kinds)].map((kind) => `${kinds.filter((one) => one === kind).length} × ${kind}`).join(", ")}${graph.truncated ? ", and more" : ""}.`}>
            {graph.edges.map((edge) => {
              const from = spots.get(edge.from);
              const to = spots.get(edge.to);
              if (from === undefined || to === undefined) return null;
              // Of one column they are tied by a bow, which no identifier between them hides.
              const bend = from.depth === to.depth ? 26 : 0;
              return (
                <path key={`${edge.from} ${edge.to}`} d={`M${from.x} ${from.y}Q${(from.x + to.x) / 2 + bend} ${(from.y + to.y) / 2} ${to.x} ${to.y}`} className={styles["tie"]} style={{ strokeWidth: 1 + edge.confidence * 3, strokeDasharray: edge.confidence < 0.9 ? "5 4" : "none" }}>
                  <title>{`${EVIDENCE[edge.evidence]}, ${edge.times} ×, certain by ${edge.confidence}`}</title>
                </path>
              );
            })}
            {[...spots].map(([identifier, { x, y, depth }]) => {
              const [kind, value] = parted(identifier);
              return (
                <g key={identifier}>
                  <title>{`${kind} ${value}`}</title>
                  <circle cx={x} cy={y} r={RADIUS} className={depth === 0 ? styles["first"] : styles["node"]} />
                  <text x={x - RADIUS} y={y + 22} className={styles["value"]}>
                    {short(value)}
                  </text>
                  <text x={x - RADIUS} y={y + 35} className={styles["kind"]}>
                    {kind}
                  </text>
                </g>
              );
            })}
          </svg>
        )}
      </div>
      <Figures
        name="The evidence"
        head={["One", "The other", "Known by", "How often", "Certain by", "Last"]}
        rows={graph.edges.map((edge) => ({ key: `${edge.from} ${edge.to}`, cells: [parted(edge.from).join(" "), parted(edge.to).join(" "), EVIDENCE[edge.evidence], edge.times, edge.confidence, onDay(edge.last_at)] }))}
      />
    </figure>
  );
}
