import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aConfigFolder, LEAST } from './a-config.ts';

const WITH_WEBHOOKS = `${LEAST}http:
  pagerduty_webhook:
    secret_files: [hook, next-hook]
`;

describe('the secrets of webhooks', () => {
  it('are those of every file, read again when a file has changed', async () => {
    await using folder = await aConfigFolder();
    await writeFile(join(folder.path, 'hook'), 'the first of all the secrets\n');
    await writeFile(join(folder.path, 'next-hook'), 'the second of all the secrets\n');

    const { webhookSecrets } = await folder.load(WITH_WEBHOOKS);
    const before = webhookSecrets.map((secret) => secret.reveal());
    await writeFile(join(folder.path, 'hook'), 'the third of all the many secrets\n');

    expect(before).toEqual(['the first of all the secrets', 'the second of all the secrets']);
    expect(webhookSecrets[0]?.reveal()).toBe('the third of all the many secrets');
    expect(JSON.stringify(webhookSecrets)).toBe('["[redacted]","[redacted]"]');
  });

  it('are none where there are no webhooks', async () => {
    await using folder = await aConfigFolder();

    expect((await folder.load(LEAST)).webhookSecrets).toEqual([]);
  });

  it('must be there, and be long enough', async () => {
    await using folder = await aConfigFolder();
    await writeFile(join(folder.path, 'hook'), 'short');

    const problems = await folder.problems(WITH_WEBHOOKS);

    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('http.pagerduty_webhook.secret_files[0]: names a secret of fewer than 20');
    expect(problems[1]).toContain('http.pagerduty_webhook.secret_files[1]: the secret file');
  });

  it('must be named', async () => {
    await using folder = await aConfigFolder();

    const problems = await folder.problems(`${LEAST}http: { pagerduty_webhook: { secret_files: [] } }\n`);

    expect(problems).toEqual([expect.stringContaining('must name at least one file')]);
  });
});
