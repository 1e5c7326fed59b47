// Charts, on uPlot, which is loaded where one is shown. Whoever can't see them has the table beside.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Chart {
  /** Seconds, or the number of each bar where `names` are given. */
  at: number[];
  values: (number | null)[];
  /** Of bars that stand for ranges instead of days. */
  names?: string[];
  kind: "bars" | "line";
  words: (value: number) => string;
  /** Of a scale that ends there, such as per cent. */
  most?: number;
}

const height = 200;

function colours(): { ink: string; quiet: string; line: string; soft: string } {
  const of = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return { ink: of("--brand"), quiet: of("--quiet"), line: of("--line"), soft: of("--brand-soft") };
}

function optionsOf(chart: Chart, width: number): uPlot.Options {
  const { ink, quiet, line, soft } = colours();
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: quiet, font, ticks: { show: false }, grid: { show: false } } as const;
  const { names, words, at } = chart;
  const bars = chart.kind === "bars";
  // Bars are as wide as what they stand for: half of one lies before the first, and behind the last.
  const half = names ? 0.6 : bars ? ((at[1] ?? 86_400) - (at[0] ?? 0)) / 2 : 0;
  const day = new Intl.DateTimeFormat(navigator.language, { day: "numeric", month: "short", timeZone: "UTC" });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 8, 0, 0],
    scales: {
      x: { time: !names, range: [(at[0] ?? 0) - half, (at.at(-1) ?? 1) + half] },
      y: { range: (_, _min, max) => [0, chart.most ?? Math.max(1, max * 1.08)] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        // Under the points themselves, as many as there is room for.
        splits: (plot) => (names ? at : at.filter((_, i) => i % Math.ceil((at.length * 72) / plot.width) === 0)),
        values: (_, splits) => splits.map((one) => names?.[one] ?? day.format(one * 1000)),
      },
      { ...axis, size: 64, grid: { show: true, stroke: line, width: 1 }, values: (_, splits) => splits.map((one) => words(one)) },
    ],
    series: [
      {},
      {
        stroke: ink,
        width: bars ? 0 : 2,
        fill: bars ? ink : soft,
        spanGaps: false,
        points: { show: !bars && at.length < 40, size: 5, fill: ink },
        ...(bars && { paths: uPlot.paths.bars!({ size: [0.64, 44], radius: 0.12 }) }),
      },
    ],
  };
}

export default function ChartView({ chart, label }: { chart: Chart; label: string }): VNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    let plot: uPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      plot = new uPlot(optionsOf(chart, Math.max(240, box.clientWidth)), [chart.at, chart.values], box);
    };
    draw();
    const sized = new ResizeObserver(() => plot?.setSize({ width: Math.max(240, box.clientWidth), height }));
    sized.observe(box);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      sized.disconnect();
      plot?.destroy();
    };
  }, [chart]);
  return <div ref={place} class="chart" role="img" aria-label={label} />;
}
