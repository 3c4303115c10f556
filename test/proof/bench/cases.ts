import { setTimeout as delay } from 'node:timers/promises';
import { Contender, type Contest, type CpuUse } from './contender.ts';
import { fillSealed, KEY } from './ledger-case.ts';
import { rounded, spreadOf } from './measure.ts';
import { callsSince, LedgerCount, Observer, pageDelays, pagesFor, until } from './observer.ts';
import { BenchWorld, OTHERS_EVERY, type Size, type WorldOptions } from './world.ts';

/** For a process that has started to come to rest: what it reads ahead is read, what it compiled is thrown away. */
const REST_MS = 5_000;
const MINUTE = 60_000;
/** PagerDuty: requests a minute for one key. */
const KEY_LIMIT = 960;

/**
 * (a) One request at a time, each by somebody else, with a PagerDuty that takes `latencyMs` for every call; with freshness 0 each
 * decision reads.
 */
export async function oneByOne(
  contest: Contest,
  count: number,
  latencyMs: number,
  more: Pick<WorldOptions, 'freshness'> = {},
) {
  await using world = await BenchWorld.open({ latencyMs, ...more });
  await using contender = new Contender(contest, world.configFile);
  await contender.watching();
  await delay(REST_MS);
  const atRest = contender.memory();
  const observer = new Observer(world);
  const before = world.pagerDuty.calls.all().length;
  for (let asked = 0; asked < count; asked += 1) {
    const { id } = observer.ask({ onlyOnCall: true });
    await Promise.race([observer.reviewed(id), delay(MINUTE)]);
  }
  const calls = callsSince(world, before);
  // What is asked about incidents comes after the review, for the note.
  const forDecisions = calls.reads - callsSince(world, before, '/incidents').reads;
  const { p50, p99, max } = spreadOf(observer.latencies());
  observer.close();
  return {
    requests: count,
    pagerduty_latency_ms: latencyMs,
    p50_ms: p50,
    p99_ms: p99,
    max_ms: max,
    reads_per_decision: rounded(forDecisions / count, 2),
    reads_per_request: rounded(calls.reads / count, 2),
    over_its_reads_ms: rounded(p50 - Math.round(forDecisions / count) * latencyMs),
    memory_at_rest_mb: atRest.rssMb,
  };
}

/**
 * (b) All requests at once, by a process that has just started, and the same once more. `decided_ms` is null where not all were decided
 * within a minute; `approved_ms` is when the last of those on call was approved. `reads_for_decisions` are all but those for pages, those
 * ahead of need among them.
 */
export async function burst(contest: Contest, count: number, latencyMs: number, size?: Size) {
  await using world = await BenchWorld.open({ latencyMs, ...(size === undefined ? {} : { size }) });
  await using contender = new Contender(contest, world.configFile);
  await contender.watching();
  await delay(REST_MS);
  using ledger = new LedgerCount(world.ledgerFile);
  const cold = await allAtOnce(contest, { world, contender, ledger }, count);
  if (keepsNoRecord(contest)) return cold;
  await delay(REST_MS);
  return { ...cold, once_more: await allAtOnce(contest, { world, contender, ledger }, count) };
}

interface Running {
  readonly world: BenchWorld;
  readonly contender: Contender;
  readonly ledger: LedgerCount;
}

async function allAtOnce(contest: Contest, { world, contender, ledger }: Running, count: number) {
  const observer = new Observer(world);
  const before = world.pagerDuty.calls.all().length;
  const cpuBefore = contender.cpu();
  const decidedBefore = ledger.decided();
  const began = performance.now();
  const onCall = Array.from({ length: count }, () => observer.ask()).filter(
    ({ expects }) => expects === 'approve',
  );
  const reviews = Promise.all(onCall.map(({ id }) => observer.reviewed(id)));
  const allApproved = reviews.then(() => Math.round(performance.now() - began));
  const expected = onCall.length;
  const all = decidedBefore + count;
  const decided = await until(() => allDecided(contest, ledger, observer, all, expected), MINUTE);
  const decidedMs = Math.round(performance.now() - began);
  const cpu = cpuSince(cpuBefore, contender);
  const untilDecided = callsSince(world, before);
  const aboutPages = callsSince(world, before, '/incidents').reads;
  const approvedMs = await Promise.race([allApproved, delay(decided ? MINUTE : 0, null, { ref: false })]);
  observer.close();
  return {
    requests: count,
    to_approve: expected,
    approved: observer.approvals,
    decided_ms: decided ? decidedMs : null,
    approved_ms: approvedMs,
    paged_for_nothing: pagesFor(world, new Set(onCall.map(({ id }) => id))),
    reads_until_decided: untilDecided.reads,
    reads_for_decisions: untilDecided.reads - aboutPages,
    calls_refused_by_rate_limit: callsSince(world, before).refused,
    cpu_until_decided: cpu,
    peak_memory_mb: contender.memory().peakMb,
  };
}

/** (c) So many requests pending before the start: of people on call only, or one in five such that a person is paged. */
export async function backlog(
  contest: Contest,
  count: number,
  { onlyOnCall }: { readonly onlyOnCall: boolean },
) {
  await using world = await BenchWorld.open({ latencyMs: 0 });
  for (let asked = 0; asked < count; asked += 1) world.ask({ onlyOnCall });
  await using contender = new Contender(contest, world.configFile);
  const began = performance.now();
  using ledger = new LedgerCount(world.ledgerFile);
  const readyMs = Math.round(await contender.watching());
  const decided = await until(
    () => ledger.decided() >= count,
    keepsNoRecord(contest) ? REST_MS : 3 * MINUTE,
    100,
  );
  const decidedMs = Math.round(performance.now() - began);
  const cpu = contender.cpu();
  const pagesByThen = pageDelays(world, () => began).length;
  // What comes after the decisions takes memory too.
  await delay(keepsNoRecord(contest) ? 0 : REST_MS);
  const { peakMb } = contender.memory();
  const approved = world.teleport.cluster.requests().filter(({ state }) => state === 'APPROVED').length;
  return {
    pending: count,
    to_page: onlyOnCall ? 0 : Math.floor(count / OTHERS_EVERY),
    decided: ledger.decided(),
    ready_ms: readyMs,
    decided_ms: decided ? decidedMs : null,
    approved_soon_after: approved,
    paged_by_then: pagesByThen,
    reads: callsSince(world, 0).reads,
    calls_refused_by_rate_limit: callsSince(world, 0).refused,
    cpu_until_decided: cpu,
    peak_memory_mb: peakMb,
  };
}

/** (h) More than one page of policies: all at once, and what is read, and kept in memory, while nobody asks. */
export async function wide(
  contest: Contest,
  {
    count,
    restMs,
    latencyMs,
  }: { readonly count: number; readonly restMs: number; readonly latencyMs: number },
  size: Size,
) {
  return {
    ...size,
    at_rest: await atRest(contest, restMs, latencyMs, size),
    at_once: await burst(contest, count, latencyMs, size),
  };
}

/** (i) Nobody asks for anything. */
export async function atRest(contest: Contest, ms: number, latencyMs: number, size?: Size) {
  await using world = await BenchWorld.open({ latencyMs, ...(size === undefined ? {} : { size }) });
  await using contender = new Contender(contest, world.configFile);
  await contender.watching();
  // Names and people are read anew only every minutes: what the start read is not at rest.
  await delay(3 * REST_MS);
  const before = world.pagerDuty.calls.all().length;
  await delay(ms);
  const { reads } = callsSince(world, before);
  return {
    reads_a_minute: rounded((reads * MINUTE) / ms),
    percent_of_limit: rounded((reads * MINUTE * 100) / ms / KEY_LIMIT),
    memory_mb: contender.memory().rssMb,
  };
}

/** (j) So many requests pending before the start, with reasons as long as Teleport lets them be, and nobody on call for any. */
export async function wordy(contest: Contest, count: number) {
  await using world = await BenchWorld.open({ latencyMs: 0 });
  for (let asked = 0; asked < count; asked += 1) world.askInVain(asked % 50);
  await using contender = new Contender(contest, world.configFile);
  const began = performance.now();
  using ledger = new LedgerCount(world.ledgerFile);
  const readyMs = Math.round(await contender.watching());
  const decided = await until(() => ledger.decided() >= count, 5 * MINUTE, 100);
  const decidedMs = Math.round(performance.now() - began);
  await delay(4 * REST_MS);
  return {
    pending: count,
    ready_ms: readyMs,
    decided_ms: decided ? decidedMs : null,
    pages: pagesFor(world),
    peak_memory_mb: contender.memory().peakMb,
  };
}

/** (g) So many requests of one person, and then one of a colleague: when that is paged, and when all have somebody asked. */
export async function flood(contest: Contest, count: number, latencyMs: number) {
  await using world = await BenchWorld.open({ latencyMs });
  await using contender = new Contender(contest, world.configFile);
  await contender.watching();
  await delay(REST_MS);
  const began = performance.now();
  for (let asked = 0; asked < count; asked += 1) world.askInVain(0);
  const { id } = world.askInVain(1);
  const isPaged = await until(() => pagesFor(world, new Set([id])) > 0, 2 * MINUTE, 50);
  const pagedMs = Math.round(performance.now() - began);
  using ledger = new LedgerCount(world.ledgerFile);
  const decidedByThen = ledger.decided();
  const notes = () => world.pagerDuty.account.incidents.all().flatMap((each) => each.notes);
  const listed = () => notes().reduce((sum, { content }) => sum + content.split('\nRequest ').length - 1, 0);
  const isAsked = await until(() => listed() + pagesFor(world) >= count + 1, 20 * MINUTE, 500);
  return {
    requests: count,
    colleague_paged_ms: isPaged ? pagedMs : null,
    decided_by_then: decidedByThen,
    all_asked_about_ms: isAsked ? Math.round(performance.now() - began) : null,
    pages: pagesFor(world),
    notes: notes().length,
    calls_refused_by_rate_limit: callsSince(world, 0).refused,
    peak_memory_mb: contender.memory().peakMb,
  };
}

/** (k) A start with so many entries in a sealed ledger, and so many requests pending. */
export async function longLedger(contest: Contest, entries: number, pending: number) {
  await using world = await BenchWorld.open({ latencyMs: 0, key: KEY });
  await fillSealed(world.ledgerFile, entries);
  using ledger = new LedgerCount(world.ledgerFile);
  const before = ledger.decided();
  for (let asked = 0; asked < pending; asked += 1) world.ask();
  await using contender = new Contender(contest, world.configFile);
  const began = performance.now();
  const watchingMs = Math.round(await contender.watching());
  const atWatching = contender.memory();
  const decided = await until(() => ledger.decided() >= before + pending, MINUTE);
  const decidedMs = Math.round(performance.now() - began);
  const atDecided = contender.memory();
  // The last month is looked through beside the work: until it takes no more processor time than at rest.
  let used = -Infinity;
  const isAtRest = () => {
    const before = used;
    used = contender.cpu().contender_s;
    return used - before < 0.5;
  };
  const lookedThrough = await until(isAtRest, 10 * MINUTE, REST_MS);
  return {
    entries,
    pending,
    watching_ms: watchingMs,
    all_decided_ms: decided ? decidedMs : null,
    memory_at_watching_mb: atWatching.rssMb,
    peak_memory_when_decided_mb: atDecided.peakMb,
    looked_through_ms: lookedThrough ? Math.round(performance.now() - began - REST_MS) : null,
    peak_memory_mb: contender.memory().peakMb,
    memory_at_rest_mb: contender.memory().rssMb,
    cpu: contender.cpu(),
  };
}

/** (d) An even stream. */
export async function stream(contest: Contest, perSecond: number, seconds: number, latencyMs: number) {
  await using world = await BenchWorld.open({ latencyMs });
  await using contender = new Contender(contest, world.configFile);
  await contender.watching();
  await delay(REST_MS);
  const observer = new Observer(world);
  using ledger = new LedgerCount(world.ledgerFile);
  const before = world.pagerDuty.calls.all().length;
  const cpuBefore = contender.cpu();
  const began = performance.now();
  const total = perSecond * seconds;
  let toApprove = 0;
  for (let asked = 0; asked < total; asked += 1) {
    const wait = began + (asked * 1000) / perSecond - performance.now();
    if (wait > 1) await delay(wait);
    if (observer.ask().expects === 'approve') toApprove += 1;
  }
  const lastAsked = performance.now();
  const isDone = await until(() => allDecided(contest, ledger, observer, total, toApprove), MINUTE);
  const lagMs = Math.round(performance.now() - lastAsked);
  await until(() => observer.approvals >= toApprove, isDone ? REST_MS : 0);
  const { p50, p99, max } = spreadOf(observer.latencies());
  const calls = callsSince(world, before);
  const cpu = cpuSince(cpuBefore, contender);
  const paging = spreadOf(pageDelays(world, (id) => observer.askedAt(id)));
  observer.close();
  return {
    requests: total,
    per_second: perSecond,
    pagerduty_latency_ms: latencyMs,
    to_approve: toApprove,
    approved: observer.approvals,
    p50_ms: p50,
    p99_ms: p99,
    max_ms: max,
    all_decided_after_last_ms: isDone ? lagMs : null,
    reads: calls.reads,
    writes: calls.writes,
    pages: pageDelays(world, () => began).length,
    page_p50_ms: paging.p50,
    page_p99_ms: paging.p99,
    calls_refused_by_rate_limit: calls.refused,
    cpu,
    peak_memory_mb: contender.memory().peakMb,
  };
}

function keepsNoRecord({ program }: Contest): boolean {
  return program === 'reference' || program === 'notifying';
}

/** The reference keeps no record: it has decided what it has approved. */
function allDecided(
  contest: Contest,
  ledger: LedgerCount,
  observer: Observer,
  requests: number,
  toApprove: number,
): boolean {
  return keepsNoRecord(contest) ? observer.approvals >= toApprove : ledger.decided() >= requests;
}

function cpuSince(before: CpuUse, contender: Contender): CpuUse {
  const now = contender.cpu();
  return {
    contender_s: rounded(now.contender_s - before.contender_s, 2),
    bench_s: rounded(now.bench_s - before.bench_s, 2),
  };
}
