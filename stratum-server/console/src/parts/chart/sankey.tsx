import { sankey, sankeyJustify, sankeyLinkHorizontal, type SankeyLink, type SankeyNode } from "d3-sankey";
import { useMemo } from "react";
import { Figures } from "./figures";
import { type Flow, flows, type Path, type Stop } from "./flows";
import styles from "./sankey.module.css";
import { channelName, coloursOf } from "./series";
import { useWidth } from "./width";

interface Props {
  /** What flows, in a few words. */
  label: string;
  paths: readonly Path[];
  /** Colours of the ends, each a colour of tokens.css; the others are grey. */
  ends: Readonly<Record<string, string>>;
}

type Node = SankeyNode<Stop, Flow>;
type Link = SankeyLink<Stop, Flow>;

const BAR = 12;
const HEIGHT = 340;
const NARROW = 520;
const ROWS = 12;

/** Where people went from stop to stop, as wide as they were many. */
export function PathFlows({ label, paths, ends }: Props) {
  const [place, width] = useWidth<HTMLDivElement>();
  const colours = useMemo(() => coloursOf([...new Set(paths.flatMap(({ stops }) => stops))].sort()), [paths]);
  const laid = useMemo(() => (width === 0 || paths.length === 0 ? null : layOut(paths, width)), [paths, width]);
  const colour = ({ name, isEnd }: Stop) => (isEnd ? `var(${ends[name] ?? "--idle-fill"})` : (colours.get(name) ?? "var(--idle)"));
  const sorted = [...paths].sort((a, b) => b.count - a.count || (a.stops.join() < b.stops.join() ? -1 : 1));
  const all = paths.reduce((sum, { count }) => sum + count, 0);
  const said = sorted.slice(0, 3).map(({ stops, end, count }) => `${stops.map(channelName).join(", ")}, ${end}: ${count.toLocaleString("en")}`);
  return (
    <figure className={styles["sankey"]}>
      <div ref={place}>
        {laid !== null && (
          <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${label}, ${all.toLocaleString("en")} in all. The most frequent: ${said.join("; ")}.`}>
            <g fill="none">
              {laid.links.map((link) => (
                <path key={`${of(link.source).id} ${of(link.target).id}`} d={sankeyLinkHorizontal()(link) ?? ""} stroke={colour(of(link.source))} strokeWidth={Math.max(1, link.width ?? 0)} className={styles["flow"]}>
                  <title>{`${channelName(of(link.source).name)} → ${channelName(of(link.target).name)}: ${link.value.toLocaleString("en")}`}</title>
                </path>
              ))}
            </g>
            {laid.nodes.map((node) => (
              <Mark key={node.id} node={node} colour={colour(node)} width={width} />
            ))}
          </svg>
        )}
      </div>
      <Figures
        name={`The ${Math.min(ROWS, sorted.length)} most frequent of ${sorted.length} paths`}
        head={["Path", "How it ended", "How many"]}
        rows={sorted.slice(0, ROWS).map(({ stops, end, count }) => ({ key: `${stops.join(">")} ${end}`, cells: [stops.map(channelName).join(" → "), end, count.toLocaleString("en")] }))}
      />
    </figure>
  );
}

function layOut(paths: readonly Path[], width: number): { nodes: Node[]; links: Link[] } {
  const { stops, flows: found } = flows(paths, width < NARROW ? 2 : 4);
  const lay = sankey<Stop, Flow>()
    .nodeId(({ id }) => id)
    .nodeAlign(sankeyJustify)
    .nodeWidth(BAR)
    .nodePadding(14)
    .extent([
      [0, 8],
      [width, HEIGHT - 8],
    ]);
  // The layout writes into what it is given.
  return lay({ nodes: stops.map((stop) => ({ ...stop })), links: found.map((flow) => ({ ...flow })) });
}

/** The layout has put the nodes themselves where their ids were. */
function of(end: Link["source"]): Node {
  return end as Node;
}

function Mark({ node, colour, width }: { node: Node; colour: string; width: number }) {
  const { x0 = 0, x1 = 0, y0 = 0, y1 = 0, value = 0 } = node;
  const isLast = x1 > width - BAR;
  return (
    <g>
      <rect x={x0} y={y0} width={x1 - x0} height={Math.max(1, y1 - y0)} rx="2" style={{ fill: colour }}>
        <title>{`${channelName(node.name)}: ${value.toLocaleString("en")}`}</title>
      </rect>
      {y1 - y0 >= 10 && (
        <text x={isLast ? x0 - 6 : x1 + 6} y={(y0 + y1) / 2} textAnchor={isLast ? "end" : "start"} className={styles["name"]}>
          {channelName(node.name)} <tspan>{value.toLocaleString("en")}</tspan>
        </text>
      )}
    </g>
  );
}
