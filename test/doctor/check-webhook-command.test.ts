import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { WEBHOOK_PATH } from '../../src/http/pagerduty-webhook.ts';
import { CapturedTerminal } from '../commands/captured-terminal.ts';
import { freePort } from '../support/free-port.ts';
import { Stage } from '../service/stage.ts';
import { WEBHOOK_SECRET, WEBHOOKS, writeSecrets } from '../service/webhook-stage.ts';
import { aSubscription } from '../sim/pagerduty/builders.ts';

/** A service with webhooks, and a subscription that posts to it. */
async function withSubscription({ start, secret }: { start: boolean; secret: string }): Promise<Stage> {
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}${WEBHOOK_PATH}`;
  const { pagerduty_webhook: webhook } = WEBHOOKS;
  const stage = await Stage.open({
    start: false,
    config: { http: { listen, pagerduty_webhook: { ...webhook, public_url: url } } },
  });
  await writeSecrets(stage, [WEBHOOK_SECRET, 'another secret, for the next rotation']);
  stage.pagerDuty.account.addWebhookSubscription(aSubscription({ url, secrets: [secret] }));
  if (start) await stage.startService();
  return stage;
}

async function webhookLines(stage: Stage, pingWebhook: boolean): Promise<readonly string[]> {
  const terminal = new CapturedTerminal();
  await check(stage.configFile, terminal, { pingWebhook });
  expect(terminal.text).not.toContain(WEBHOOK_SECRET);
  return terminal.text.split('\n').filter((line) => line.includes('pagerduty webhook'));
}

describe('`check` of a service with webhooks', () => {
  it('looks at the subscription, and sends nothing unless told to', async () => {
    await using stage = await withSubscription({ start: false, secret: WEBHOOK_SECRET });

    expect(await webhookLines(stage, false)).toEqual([
      expect.stringMatching(/^warn {2}pagerduty webhook: .* does not answer from here .*ECONNREFUSED/u),
      'ok    pagerduty webhook: answers to pages on service Access requests (PSERVC2) are told at once',
    ]);
    expect(stage.pagerDuty.webhooks.attempts()).toEqual([]);
  });

  it('hears of the test event from the service that runs', async () => {
    await using stage = await withSubscription({ start: true, secret: WEBHOOK_SECRET });

    const lines = await webhookLines(stage, true);

    expect(lines[0]).toMatch(/^ok {4}pagerduty webhook: the service answers at 127/u);
    expect(lines.at(-1)).toMatch(
      /^ok {4}pagerduty webhook: the test event of subscription \w+ came to the service at http:\/\/127\.0\.0\.1:\d+, rightly signed$/u,
    );
    expect(stage.reports.of('webhook').map(({ outcome }) => outcome)).toEqual(['ping']);
  });

  it('hears it itself where no service runs, and gives the port back', async () => {
    await using stage = await withSubscription({ start: false, secret: WEBHOOK_SECRET });

    expect((await webhookLines(stage, true)).at(-1)).toMatch(
      /^ok .* came to http:\S+, where no service runs, rightly signed$/u,
    );
    await stage.startService();
  });

  it('tells a subscription with another secret', { timeout: 40_000 }, async () => {
    await using stage = await withSubscription({ start: true, secret: 'a secret of another subscription' });

    expect((await webhookLines(stage, true)).at(-1)).toMatch(
      /^FAIL {2}.* did not come to .* within 15 s, but something that was refused did \(1 forged\): the secret in `secret_files` has to be that of the subscription/u,
    );
  });
});
