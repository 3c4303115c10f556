import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { epochMsOf, HOUR, instantOf, parseInstant, type Instant } from '../../core/values/instant.ts';
import type { OnCallRow } from '../../core/on-call.ts';
import { sanitise } from '../../core/values/words.ts';
import { momentText } from './parts.ts';

/** One shift and whether it is what the decision rests on. */
export interface Lane {
  readonly row: OnCallRow;
  readonly proves: boolean;
}

const WIDTH = 1_000;
const LANE_HEIGHT = 44;
const AXIS_HEIGHT = 30;
const TOP = 26;
/** Shifts of weeks would push the moment to the edge: more than so much before and after is not drawn. */
const REACH_MS = 14 * 24 * HOUR;
const LEAST_MS = 6 * HOUR;
/** On average, in the type of the style sheet. */
const CHARACTER_WIDTH = 7.2;

/**
 * On-call rows as bars on one axis of time, with the instant by PagerDuty's clock at which they were judged. For those who do
 * not see it, the same stands in the table below it and in the drawing's description.
 */
export function shiftBar(lanes: readonly Lane[], at: Instant, title: string): VNode {
  const { from, until } = axisOf(lanes, epochMsOf(at));
  const x = (ms: number) => Math.round(((clamp(ms, from, until) - from) / (until - from)) * WIDTH * 10) / 10;
  const axis = { x, from, until };
  const height = TOP + lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  const now = x(epochMsOf(at));
  const anchor = now > WIDTH * 0.75 ? 'end' : now < WIDTH * 0.25 ? 'start' : 'middle';
  return html`<figure class="shifts" tabindex="0">
    <svg viewBox=${`0 0 ${WIDTH} ${height}`} role="img" aria-labelledby="shift-title shift-text">
      <title id="shift-title">${title}</title>
      <desc id="shift-text">${lanes.map(({ row }) => `${laneText(row)}.`).join(' ')}</desc>
      ${ticksOf(from, until).map(
        (tick) =>
          html`<g class="tick">
            <line x1=${x(tick)} x2=${x(tick)} y1=${TOP} y2=${height - AXIS_HEIGHT + 6} />
            <text x=${x(tick)} y=${height - 8} text-anchor="middle">${tickText(tick)}</text>
          </g>`,
      )}
      ${lanes.map((lane, index) => laneBar(lane, laneTop(index), axis))}
      <g class="now">
        <line x1=${now} x2=${now} y1=${TOP - 6} y2=${height - AXIS_HEIGHT + 6} />
        <circle cx=${now} cy=${TOP - 6} r="5" />
        <text x=${now} y="13" text-anchor=${anchor}>judged at ${momentText(at)}</text>
      </g>
      ${lanes.map((lane, index) => laneWords(lane, laneTop(index), axis))}
    </svg>
  </figure>`;
}

interface Axis {
  readonly x: (ms: number) => number;
  readonly from: number;
  readonly until: number;
}

function laneTop(index: number): number {
  return TOP + index * LANE_HEIGHT;
}

function laneBar({ row, proves }: Lane, y: number, { x, from, until }: Axis): VNode {
  const start = x(msOf(row.start) ?? from);
  const end = x(msOf(row.end) ?? until);
  return html`<g class=${proves ? 'lane proves' : 'lane'}>
    <rect x=${start} y=${y + 20} width=${Math.max(3, end - start)} height="16" rx="4" />
  </g>`;
}

/** Above everything else, so that no line crosses the words; they begin where the bar does, unless they would not fit. */
function laneWords({ row, proves }: Lane, y: number, { x, from }: Axis): VNode {
  const text = laneText(row);
  const start = Math.min(x(msOf(row.start) ?? from), WIDTH - Math.min(WIDTH, text.length * CHARACTER_WIDTH));
  return html`<g class=${proves ? 'lane proves' : 'lane'}>
    <text x=${start} y=${y + 14}>${text}</text>
  </g>`;
}

/** `Sam One: Payments primary, level 1, 2026-03-01 00:00 to 2026-03-08 00:00` */
function laneText(row: OnCallRow): string {
  const by = row.schedule?.summary ?? 'no schedule';
  const span = `${spanEnd(row.start, 'ever')} to ${spanEnd(row.end, 'ever')}`;
  return sanitise(`${row.user.summary}: ${by}, level ${row.escalation_level}, ${span}`, 140);
}

function spanEnd(text: string | null, open: string): string {
  const at = text === null ? null : parseInstant(text);
  return at === null ? (text ?? open) : momentText(at).slice(0, 16);
}

function axisOf(lanes: readonly Lane[], now: number): { from: number; until: number } {
  const times = lanes.flatMap(({ row }) => [msOf(row.start), msOf(row.end)]).filter((ms) => ms !== null);
  const near = [now - LEAST_MS, now + LEAST_MS, ...times].map((ms) =>
    clamp(ms, now - REACH_MS, now + REACH_MS),
  );
  const [from, until] = [Math.min(...near), Math.max(...near)];
  const margin = (until - from) / 40;
  return { from: from - margin, until: until + margin };
}

function ticksOf(from: number, until: number): readonly number[] {
  const steps = [1, 2, 3, 6, 12, 24, 48, 96].map((hours) => hours * HOUR);
  const step = steps.find((each) => (until - from) / each <= 8) ?? 168 * HOUR;
  const first = Math.ceil(from / step) * step;
  return Array.from(
    { length: Math.floor((until - first) / step) + 1 },
    (_, index) => first + index * step,
  ).filter((tick) => tick - from > step / 4 && until - tick > step / 4);
}

/** Midnight is told by its day, everything else by the hour. */
function tickText(ms: number): string {
  const text = momentText(instantOf(ms));
  return text.endsWith('00:00:00') ? text.slice(5, 10) : text.slice(11, 16);
}

function msOf(text: string | null): number | null {
  const at = text === null ? null : parseInstant(text);
  return at === null ? null : epochMsOf(at);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
