import type { Fault as PagerDutyFault } from '../../../sim/pagerduty/faults.ts';
import type { Fault } from './fault.ts';
import { moveClock, since, turnRota } from '../truth-changes.ts';

const READS = { method: 'GET' };
const ON_CALLS = { method: 'GET', pathPrefix: '/oncalls' };
const WRITES = { method: 'POST' };

const ANSWERS: readonly PagerDutyFault[] = [
  { kind: 'rate-limited', headers: true, resetSeconds: 2, times: 5 },
  { kind: 'rate-limited', headers: false, times: 5 },
  { kind: 'status', status: 500, match: READS },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 401, times: 6 },
  // What is an answer, or slow, is no silence: nobody may be let in by broken glass because of it.
  { kind: 'status', status: 401, match: READS },
  { kind: 'rate-limited', headers: true, resetSeconds: 2, limit: 20, match: WRITES, times: 5 },
  { kind: 'latency', ms: 5_000, match: { method: 'GET', pathPrefix: '/users' } },
  { kind: 'status', status: 403, match: ON_CALLS, times: 6 },
  { kind: 'status', status: 500, match: WRITES, after: true, times: 3 },
  { kind: 'html' },
  { kind: 'html', status: 200, match: ON_CALLS },
  { kind: 'empty', match: READS },
  { kind: 'empty', match: WRITES, after: true, times: 3 },
  { kind: 'null-body', match: READS },
  { kind: 'wrong-shape', match: ON_CALLS },
  { kind: 'wrong-shape', match: WRITES, after: true, times: 3 },
  { kind: 'half-page' },
  { kind: 'no-date', match: ON_CALLS },
  { kind: 'stall-headers', match: READS, times: 4 },
  { kind: 'stall-headers', match: WRITES, after: true, times: 2 },
  { kind: 'stall-body', match: ON_CALLS, times: 4 },
  { kind: 'reset', times: 6 },
  { kind: 'reset', match: WRITES, after: true, times: 3 },
  { kind: 'latency', ms: 700 },
];

/** What is added to PagerDuty's clock, in seconds. */
const CLOCKS = [-600, -45, 20, 300];

export const PAGERDUTY_FAULTS: readonly Fault[] = [
  ...ANSWERS.map(answers),
  ...CLOCKS.map((seconds): Fault => ({
    name: `PagerDuty's clock is moved by ${seconds} s`,
    strike: ({ arena }) => {
      moveClock(arena, seconds);
      return { mend: () => moveClock(arena, 0), hits: since(() => arena.stage.pagerDuty.calls.all().length) };
    },
  })),
  {
    name: 'the rota turns',
    strike: ({ arena, dice }) => {
      turnRota(arena, dice);
      return { hits: () => 1 };
    },
  },
];

function answers(fault: PagerDutyFault): Fault {
  const { kind, status: code, match, headers, after } = fault;
  const details = [
    code,
    headers === false ? 'bare' : undefined,
    match?.method,
    match?.pathPrefix,
    after === true ? 'after it is carried out' : undefined,
  ];
  const named = details.filter((each) => each !== undefined).join(' ');
  return {
    name: `PagerDuty: ${kind} ${named}`.trim(),
    // What has no number of times lasts until it is mended.
    ...(fault.times === undefined ? { darkens: true } : {}),
    strike: ({ arena }) => {
      const added = arena.stage.pagerDuty.faults.add(fault);
      return { mend: () => added.remove(), hits: () => added.hits };
    },
  };
}
