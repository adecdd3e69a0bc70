// <chart-box data-kind data-from data-label>: drawn when it comes into view, on canvas, with tooltips built as DOM nodes
// (ECharts' HTML tooltips break `style-src 'self'`). Colours are read from the tokens, so both themes work.
import { init, use } from "echarts/core";
import { BarChart, LineChart, PieChart, SankeyChart, TreemapChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

import { compact, pyramidSides } from "./chart_numbers.js";
import { message } from "./messages.js";

use([BarChart, LineChart, PieChart, SankeyChart, TreemapChart]);
use([AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

const SERIES = ["--ch1", "--ch0", "--ch3", "--ch2", "--ch4", "--ch5", "--ch6", "--ch7", "--ch8"];
const PARTS = ["--ch1", "--ch2", "--ch3", "--ch4", "--ch5", "--ch6", "--ch7", "--ch8"];

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function fontSize(pixels) {
  const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  return Math.round(pixels * scale);
}

function node(tag, className, text) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

/** A tooltip as nodes: title, then [label, value, colour] lines. */
function tip(title, lines) {
  const box = node("div", "ctip");
  box.append(node("b", "", title));
  lines.forEach(([label, value, colour]) => {
    const line = node("div", "r");
    const mark = node("i");
    if (colour) {
      mark.style.background = colour;
    }
    line.append(mark, node("span", "", label), node("em", "", value));
    box.append(line);
  });
  return box;
}

function amount(value, unit = "") {
  const text = Number(value).toLocaleString("en-US");
  return unit ? `${text} ${unit}` : text;
}

function base(formatter, trigger = "item") {
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { fontFamily: token("--font"), color: token("--ink-2") },
    tooltip: {
      trigger,
      formatter,
      confine: true,
      backgroundColor: token("--surface"),
      borderColor: token("--line-2"),
      padding: [8, 12],
      textStyle: { color: token("--ink"), fontSize: 13 },
      axisPointer: { type: "shadow", shadowStyle: { color: token("--chart-shade") } },
    },
  };
}

function legend(show) {
  return {
    show,
    top: 0,
    right: 0,
    itemWidth: 10,
    itemHeight: 10,
    icon: "roundRect",
    textStyle: { color: token("--ink-2"), fontSize: fontSize(12) },
  };
}

function axis(extra = {}) {
  return {
    axisLine: { lineStyle: { color: token("--line-2") } },
    axisTick: { show: false },
    axisLabel: { color: token("--chart-axis"), fontSize: fontSize(12), ...(extra.axisLabel || {}) },
    splitLine: { show: Boolean(extra.grid), lineStyle: { color: token("--chart-grid") } },
    ...extra.rest,
  };
}

function numbers(extra = {}) {
  return axis({ grid: true, ...extra, axisLabel: { formatter: compact }, rest: { type: "value", minInterval: 1, axisLine: { show: false }, ...extra.rest } });
}

function axisTip(unit) {
  return (points) => tip(points[0].axisValue, points.map((one) => [one.seriesName, amount(Math.abs(one.value), unit), one.color]));
}

/** {x, bars: [{name, values}], line: {name, values}, unit}: daily bars with a level on the second axis. */
function trend(data) {
  const bars = (data.bars || []).map((one, index) => ({
    name: one.name,
    type: "bar",
    data: one.values,
    barMaxWidth: 11,
    barGap: "20%",
    itemStyle: { borderRadius: [3, 3, 0, 0], color: token(SERIES[index]) },
  }));
  const line = data.line && {
    name: data.line.name,
    type: "line",
    yAxisIndex: bars.length ? 1 : 0,
    data: data.line.values,
    smooth: 0.3,
    symbol: data.x.length > 1 ? "none" : "circle",
    lineStyle: { width: 2 },
    itemStyle: { color: token("--ch3") },
  };
  const level = numbers({ grid: false, rest: { scale: true } });
  return {
    ...base(axisTip(data.unit), "axis"),
    legend: legend(true),
    grid: { left: 4, right: 4, top: 34, bottom: 4, containLabel: true },
    xAxis: axis({ rest: { type: "category", data: data.x } }),
    yAxis: bars.length && line ? [numbers(), level] : [numbers({ rest: { scale: !bars.length } })],
    series: line ? [...bars, line] : bars,
  };
}

/** {x, series: [{name, values}], unit, stack}: grouped or stacked columns. */
function bars(data) {
  return {
    ...base(axisTip(data.unit), "axis"),
    legend: legend(data.series.length > 1),
    grid: { left: 4, right: 4, top: data.series.length > 1 ? 34 : 10, bottom: 4, containLabel: true },
    xAxis: axis({ rest: { type: "category", data: data.x } }),
    yAxis: numbers(),
    series: data.series.map((one, index) => ({
      name: one.name,
      type: "bar",
      data: one.values,
      stack: data.stack ? "all" : undefined,
      barMaxWidth: 28,
      itemStyle: { color: token(PARTS[index % PARTS.length]), borderRadius: data.stack ? 0 : [3, 3, 0, 0] },
    })),
  };
}

/** {ages, left: {name, values}, right: {name, values}, unit}: mirrored bars, men on the left. */
function pyramid(data) {
  const [left, right] = pyramidSides(data);
  const side = (one, values, colour) => ({
    name: one.name,
    type: "bar",
    stack: "age",
    data: values,
    barCategoryGap: "22%",
    itemStyle: { color: token(colour) },
  });
  return {
    ...base(axisTip(data.unit), "axis"),
    legend: legend(true),
    grid: { left: 4, right: 8, top: 34, bottom: 4, containLabel: true },
    xAxis: numbers({ axisLabel: {}, rest: { axisLabel: { color: token("--chart-axis"), formatter: (value) => compact(Math.abs(value)) } } }),
    yAxis: axis({ rest: { type: "category", data: data.ages } }),
    series: [side(data.left, left, "--ch1"), side(data.right, right, "--ch5")],
  };
}

/** {items: [[name, value]], unit}: one bar a line, the largest on top. */
function ranked(data) {
  const items = [...data.items].reverse();
  return {
    ...base(axisTip(data.unit), "axis"),
    grid: { left: 4, right: 56, top: 4, bottom: 4, containLabel: true },
    xAxis: { ...numbers(), show: false },
    yAxis: axis({ rest: { type: "category", data: items.map(([name]) => name), axisLine: { show: false } } }),
    series: [
      {
        name: data.name || "",
        type: "bar",
        data: items.map(([, value]) => value),
        barMaxWidth: 18,
        itemStyle: { color: token("--ch1"), borderRadius: [0, 3, 3, 0] },
        label: { show: true, position: "right", color: token("--ink-2"), fontSize: fontSize(12), formatter: (one) => amount(one.value) },
      },
    ],
  };
}

/** {items: [[name, value, rate]], value, rate, unit}: area is the value, colour the rate in four classes. */
function treemap(data) {
  const hasRate = data.items.some((item) => item[2] !== undefined && item[2] !== null);
  const pieces = [
    { lt: 70, color: token("--t1") },
    { gte: 70, lt: 80, color: token("--t2") },
    { gte: 80, lt: 90, color: token("--t3") },
    { gte: 90, color: token("--t4") },
  ];
  const total = data.items.reduce((sum, item) => sum + item[1], 0) || 1;
  const words = (one) => {
    const [value, rate] = [].concat(one.value); // the invisible root has a plain number
    const share = value / total;
    if (share < 0.03) {
      return "";
    }
    const second = rate === undefined || rate === null ? amount(value) : share < 0.1 ? `${rate}%` : `${amount(value)} · ${rate}%`;
    return `{b|${one.name}}\n${second}`;
  };
  const lines = (one) => {
    const told = [[data.value, amount(one.value[0], data.unit)]];
    return one.value[1] === undefined || one.value[1] === null ? told : [...told, [data.rate, `${one.value[1]}%`]];
  };
  return {
    ...base((one) => tip(one.name, lines(one))),
    color: [token("--t3")],
    visualMap: hasRate ? { show: false, type: "piecewise", dimension: 1, pieces } : undefined,
    series: [
      {
        type: "treemap",
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        visualDimension: hasRate ? 1 : undefined,
        data: data.items.map(([name, value, rate]) => ({ name, value: [value, rate] })),
        itemStyle: { borderColor: token("--surface"), borderWidth: 2, gapWidth: 2, borderRadius: 3 },
        label: {
          fontSize: fontSize(12),
          lineHeight: fontSize(17),
          color: token("--on-rate"),
          overflow: "truncate",
          formatter: words,
          rich: { b: { fontWeight: 600, fontSize: fontSize(13), lineHeight: fontSize(20), color: token("--on-rate") } },
        },
      },
    ],
  };
}

/** {left: [names], right: [names], links: [[from, to, value]], unit}: where people come from and where they live. */
function sankey(data) {
  const lines = (one) => (one.dataType === "edge"
    ? tip(`${one.data.source.slice(2)} → ${one.data.target.slice(2)}`, [[message("flow"), amount(one.data.value, data.unit)]])
    : tip(one.name.slice(2), [[message("sum"), amount(one.value, data.unit)]]));
  const nodes = [
    ...data.left.map((name, index) => ({ name: `L:${name}`, itemStyle: { color: token(PARTS[index % PARTS.length]), borderWidth: 0 } })),
    ...data.right.map((name) => ({ name: `R:${name}`, itemStyle: { color: token("--ink-3"), borderWidth: 0 } })),
  ];
  return {
    ...base(lines),
    series: [
      {
        type: "sankey",
        left: 2,
        right: 92,
        top: 6,
        bottom: 6,
        nodeWidth: 10,
        nodeGap: 7,
        layoutIterations: 32,
        draggable: false,
        emphasis: { focus: "adjacency" },
        data: nodes,
        links: data.links.map(([from, to, value]) => ({ source: `L:${from}`, target: `R:${to}`, value })),
        label: { color: token("--ink-2"), fontSize: fontSize(12), position: "right", formatter: (one) => one.name.slice(2) },
        lineStyle: { color: "source", opacity: 0.22, curveness: 0.5 },
      },
    ],
  };
}

/** {items: [[name, value]], unit}: a ring; at most six parts read well. */
function pie(data) {
  return {
    ...base((one) => tip(one.name, [[`${one.percent}%`, amount(one.value, data.unit), one.color]])),
    color: PARTS.map(token),
    series: [
      {
        type: "pie",
        radius: ["48%", "74%"],
        center: ["50%", "50%"],
        data: data.items.map(([name, value]) => ({ name, value })),
        itemStyle: { borderColor: token("--surface"), borderWidth: 2 },
        label: { color: token("--ink-2"), fontSize: fontSize(12), formatter: "{b}  {d}%" },
        labelLine: { lineStyle: { color: token("--line-2") } },
      },
    ],
  };
}

const KINDS = { trend, bars, pyramid, ranked, treemap, sankey, pie };
const waiting = [];
let busy = false;

/** One chart at a time, when the browser has nothing better to do. */
function pump() {
  if (busy || !waiting.length) {
    return;
  }
  busy = true;
  const run = () => {
    const draw = waiting.shift();
    if (draw) {
      draw();
    }
    busy = false;
    pump();
  };
  if (window.requestIdleCallback) {
    window.requestIdleCallback(run, { timeout: 400 });
  } else {
    setTimeout(run, 30);
  }
}

class ChartBox extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "img");
    this.setAttribute("aria-label", this.dataset.label || "");
    this.seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        this.seen.disconnect();
        waiting.push(() => this.draw());
        pump();
      }
    }, { rootMargin: "120px" });
    this.seen.observe(this);
    this.sized = new ResizeObserver(() => this.chart && this.chart.resize());
    this.sized.observe(this);
  }

  draw() {
    const source = document.getElementById(this.dataset.from);
    if (!this.isConnected || !source) {
      return;
    }
    if (this.chart) {
      this.chart.dispose();
    }
    this.chart = init(this, null, { renderer: "canvas" });
    this.chart.setOption(KINDS[this.dataset.kind](JSON.parse(source.textContent)));
  }

  disconnectedCallback() {
    this.seen.disconnect();
    this.sized.disconnect();
    if (this.chart) {
      this.chart.dispose();
      this.chart = null;
    }
  }
}

customElements.define("chart-box", ChartBox);
document.addEventListener("themechange", () => document.querySelectorAll("chart-box").forEach((box) => box.chart && box.draw()));
window.addEventListener("beforeprint", () => {
  document.querySelectorAll("chart-box").forEach((box) => {
    if (!box.chart) {
      box.draw();
    }
    if (box.chart) {
      box.chart.resize();
    }
  });
});
