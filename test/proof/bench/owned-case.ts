import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from './command-case.ts';
import { Contender, type Contest } from './contender.ts';
import { rounded, spreadOf } from './measure.ts';
import { callsSince, Observer } from './observer.ts';
import { BenchWorld, type Size } from './world.ts';

/** Until what labels name is found and read ahead. */
const REST_MS = { services: 20_000, teams: 90_000 };
const MINUTE = 60_000;

/**
 * (o) One rule for what every service owns: each person asks for a database of theirs twice, so that its labels are read once. Beyond
 * what is always read: one call of Teleport for the first, none of PagerDuty where the roster has the owner at hand.
 */
export async function owned(contest: Contest, count: number, latencyMs: number, size: Size) {
  await using world = await BenchWorld.open({ latencyMs, size: { ...size, users: count } });
  await using contender = new Contender(contest, world.configFile);
  await contender.watching();
  await delay(size.byTeams === undefined ? REST_MS.services : REST_MS.teams);
  const round = async () => {
    const observer = new Observer(world);
    const before = world.pagerDuty.calls.all().length;
    const lists = () => world.teleport.calls.of('ListResources').length;
    const listsBefore = lists();
    for (let asked = 0; asked < count; asked += 1) {
      const { id } = observer.ask({ onlyOnCall: true });
      await Promise.race([observer.reviewed(id), delay(MINUTE)]);
    }
    const reads = callsSince(world, before).reads - callsSince(world, before, '/incidents').reads;
    const { p50, p99 } = spreadOf(observer.latencies());
    const approved = observer.approvals;
    observer.close();
    return {
      ...{ approved, p50_ms: p50, p99_ms: p99, reads_per_decision: rounded(reads / count, 2) },
      teleport_lists_per_decision: rounded((lists() - listsBefore) / count, 2),
    };
  };
  const labelsUnread = await round();
  const warm = await round();
  return { ...size, requests: count, labels_unread: labelsUnread, warm, memory_mb: contender.memory().rssMb };
}

/** (q) `owners --json` over so many databases, as a process of its own: how long it takes, and the most memory that it had. */
export async function surveyed(count: number, latencyMs: number, size: Size) {
  await using world = await BenchWorld.open({ latencyMs, size: { ...size, databases: count } });
  const ran = await commandOf(['owners', '--json', '--config', world.configFile]);
  return { resources: count, ...ran };
}
