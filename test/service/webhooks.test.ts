import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { aWebhook, post } from '../http/webhook-route.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { signWebhook } from '../sim/pagerduty/render-webhook.ts';
import type { Stage, StageOptions } from './stage.ts';
import { openWithWebhooks, WEBHOOK_SECRET, webhookUrl, writeSecrets } from './webhook-stage.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

// In tests that run side by side only a test's own `expect` knows whose poll it is.

/** A page for sre-2 that waits for an answer, and webhooks. */
async function paged(options: StageOptions = {}) {
  const { stage, subscription } = await openWithWebhooks(options);
  const id = stage.request('sre-2');
  await stage.done('page');
  await stage.pagerDuty.webhooks.idle();
  const [page] = stage.incidents();
  const answer = (words = `approve ${answerCode(id)}`) =>
    addNote(stage.pagerDuty.account, page?.id ?? '', words, SAM);
  const stop = () => stage[Symbol.asyncDispose]();
  return { stage, subscription, id, pageId: page?.id ?? '', answer, [Symbol.asyncDispose]: stop };
}

function outcomes(stage: Stage): readonly string[] {
  return stage.reports.of('webhook').map(({ outcome }) => outcome);
}

describe.concurrent('an answer that a webhook tells of', () => {
  it('lets the colleague in at once, long before anybody polls', async () => {
    await using waiting = await paged();
    const { stage, id, answer } = waiting;

    const began = performance.now();
    answer();
    await stage.reports.when('effectDone', ({ key }) => key.startsWith('vote'));

    // Polling begins 15 s after the page.
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(stage.state(id)).toBe('APPROVED');
    expect(stage.teleport.cluster.request(id).resolveReason).toContain('Approved by Sam One by note');
  });

  it('counts once, however often it is told of', async () => {
    await using waiting = await paged();
    const { stage, id, answer } = waiting;
    stage.pagerDuty.webhooks.configure({ copies: 3 });

    answer();
    await stage.done('close-page');
    await stage.pagerDuty.webhooks.idle();

    const duplicates = outcomes(stage).filter((outcome) => outcome === 'duplicate').length;
    const metrics = await (await fetch(`${stage.service.url ?? ''}/metrics`)).text();
    expect(duplicates).toBeGreaterThan(0);
    expect(metrics).toContain(`oncall_approver_webhooks_total{outcome="duplicate"} ${duplicates}`);
    expect(stage.teleport.cluster.request(id).reviews).toHaveLength(1);
    expect((await stage.events(id)).filter(({ kind }) => kind === 'answered')).toHaveLength(1);
  });

  it('comes again after the service was away', async ({ expect }) => {
    await using waiting = await paged();
    const { stage, subscription, id, answer } = waiting;
    stage.pagerDuty.webhooks.configure({ retryDelayMs: 50 });
    await stage.stopService();

    answer();
    await expect.poll(() => stage.pagerDuty.webhooks.attempts().at(-1)?.outcome).toBe('no-answer');
    await stage.startService();
    stage.pagerDuty.account.webhookSubscriptions.put({ ...subscription, url: webhookUrl(stage) });
    await stage.pagerDuty.webhooks.idle();
    await stage.service.sweepNow();

    expect(stage.state(id)).toBe('APPROVED');
  });
});

describe.concurrent('the secret of the webhooks', () => {
  it('is rotated without a lost webhook and without a restart', async () => {
    await using waiting = await paged();
    const { stage, subscription, answer } = waiting;
    const { webhookSubscriptions } = stage.pagerDuty.account;

    await writeSecrets(stage, [WEBHOOK_SECRET, 'the secret that comes next, not yet used']);
    webhookSubscriptions.put({
      ...subscription,
      secrets: ['the secret that comes next, not yet used', WEBHOOK_SECRET],
    });
    answer('first');
    await stage.pagerDuty.webhooks.idle();
    webhookSubscriptions.put({ ...subscription, secrets: ['the secret that comes next, not yet used'] });
    answer('second');
    await stage.pagerDuty.webhooks.idle();
    await writeSecrets(stage, ['the secret that comes next, not yet used']);
    answer('third');
    await stage.pagerDuty.webhooks.idle();

    expect(new Set(stage.pagerDuty.webhooks.attempts().map(({ outcome }) => outcome))).toEqual(
      new Set([202]),
    );
  });
});

describe.concurrent('a webhook about something else', () => {
  it('that names a request of another cluster, or an incident that is gone, does no harm', async () => {
    await using waiting = await openWithWebhooks();
    const { stage } = waiting;
    const send = (event: Record<string, unknown>) => {
      const body = aWebhook(event);
      return post(webhookUrl(stage), body, { signature: signWebhook(body, [WEBHOOK_SECRET]) });
    };

    const foreign = { id: 'PELSE01', type: 'incident', incident_key: 'oncall-approver/of-another-cluster' };
    const answers = [
      await send({ event_type: 'incident.resolved', data: foreign }),
      await send({ data: { type: 'incident_note', incident: { id: 'PGONE01' } } }),
    ];
    await stage.reports.when('webhookHeard', ({ incidentId }) => incidentId === 'PELSE01');
    await stage.reports.when('webhookHeard', ({ incidentId }) => incidentId === 'PGONE01');
    await stage.service.sweepNow();

    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(stage.reports.of('webhookFailed')).toEqual([]);
    expect(stage.reports.of('handlingFailed')).toEqual([]);
  });

  it('forged by somebody who wrote their own note approves nothing: the note is what counts', async () => {
    await using waiting = await paged();
    const { stage, id, pageId } = waiting;
    const content = `approve ${answerCode(id)}`;
    const body = aWebhook({
      agent: { id: 'PSAM1RE', type: 'user_reference' },
      data: { id: 'PFORGED', type: 'incident_note', content, incident: { id: pageId } },
    });

    const signature = signWebhook(body, [WEBHOOK_SECRET]);
    const { status } = await post(webhookUrl(stage), body, { signature });
    await stage.reports.when('webhookHeard', ({ requestId }) => requestId === id);
    await stage.service.sweepNow();

    expect(status).toBe(202);
    expect(stage.state(id)).toBe('PENDING');
  });
});
