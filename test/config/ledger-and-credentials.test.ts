import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { aConfigFolder, LEAST } from './a-config.ts';

const URL_OF_LEDGER = 'postgres://oncall:secret-word@db.example.com:5432/ledger';
const WITH_OAUTH = LEAST.replace(
  '  api_key_file: key\n',
  '  oauth: { client_id: app, client_secret: "${OAUTH_SECRET}", subdomain: acme }\n',
);

describe('a ledger in PostgreSQL', () => {
  it.each([
    ['a file', 'ledger: { postgres: { url_file: ledger-url } }\n', {}],
    ['the environment', 'ledger: { postgres: { url: "${LEDGER_URL}" } }\n', { LEDGER_URL: URL_OF_LEDGER }],
  ])('has its address from %s, and shows it to nobody', async (_where, text, environment) => {
    await using folder = await aConfigFolder();
    await writeFile(join(folder.path, 'ledger-url'), `${URL_OF_LEDGER}\n`);

    const { ledger } = await folder.load(`${LEAST}${text}`, environment);

    expect('postgres' in ledger && ledger.postgres.url.reveal()).toBe(URL_OF_LEDGER);
    expect(inspect(ledger, { depth: null })).not.toContain('secret-word');
  });

  it('needs an address that is one', async () => {
    await using folder = await aConfigFolder();
    const text = `${LEAST}ledger: { postgres: { url: "\${LEDGER_URL}" } }\n`;

    expect(await folder.problems(text, { LEDGER_URL: 'db.example.com' })).toEqual([
      expect.stringMatching(/ledger\.postgres: must lead to an address like postgres:/u),
    ]);
    expect(await folder.problems(text)).toEqual([expect.stringMatching(/`LEDGER_URL` is not set/u)]);
  });

  it.each(['sqlite: a', 'postgres: { url_file: ledger-url }'])(
    'beside `%s`, has its key from a file, and shows it to nobody',
    async (place) => {
      await using folder = await aConfigFolder();
      const text = `${LEAST}ledger: { ${place}, key_file: ledger-key }\n`;
      const key = 'ab'.repeat(32);
      await writeFile(join(folder.path, 'ledger-url'), URL_OF_LEDGER);
      await writeFile(join(folder.path, 'ledger-key'), key);
      const problems = await folder.problems(text);
      await writeFile(join(folder.path, 'ledger-key'), `current ${key}\n`);

      const { ledger } = await folder.load(text);

      expect(problems).toEqual([
        expect.stringMatching(/ledger\.key_file: holds no key of a ledger: make one with `oncall-appr/u),
      ]);
      expect(ledger.key?.reveal()).toBe(`current ${key}`);
      expect(inspect(ledger, { depth: null })).not.toContain(key);
    },
  );

  it('excludes a file', async () => {
    await using folder = await aConfigFolder();

    expect(await folder.problems(`${LEAST}ledger: { sqlite: a, postgres: { url_file: key } }\n`)).toEqual([
      expect.stringMatching(/ledger: must be `sqlite: path`, `postgres: \{url_file: path\}`/u),
    ]);
  });
});

describe('OAuth client credentials', () => {
  it('take the place of API keys', async () => {
    await using folder = await aConfigFolder();

    const { pagerduty } = await folder.load(WITH_OAUTH, { OAUTH_SECRET: 'the-secret' });

    expect(pagerduty.oauth).toMatchObject({
      clientId: 'app',
      account: 'us.acme',
      tokenUrl: 'https://identity.pagerduty.com/oauth/token',
    });
    expect(pagerduty.oauth?.clientSecret.reveal()).toBe('the-secret');
  });

  it('are not mixed with keys, and need a secret that is there', async () => {
    await using folder = await aConfigFolder();
    const both = WITH_OAUTH.replace('  from:', '  api_key_file: key\n  from:');

    expect(await folder.problems(both, { OAUTH_SECRET: 'the-secret' })).toEqual([
      expect.stringMatching(/pagerduty\.api_key_file: has no effect beside oauth/u),
    ]);
    expect(await folder.problems(WITH_OAUTH)).toEqual([
      expect.stringMatching(/pagerduty\.oauth\.client_secret: .*`OAUTH_SECRET` is not set/u),
    ]);
  });
});

it.each([
  'Token token=u+abcdefghijklmnopq',
  'Authorization: Token token=u+abcdefghijklmnopq',
  '"u+abcdefghijklmnopq"',
  'u+abcdefghijklmnopq',
])('a PagerDuty key is understood as it was pasted: `%s`', async (pasted) => {
  await using folder = await aConfigFolder();
  await writeFile(join(folder.path, 'pasted'), `${pasted}\n`);
  const text = LEAST.replace('api_key_file: key', 'api_key_file: pasted\n  write_key: ${PD_KEY}');

  const { pagerduty } = await folder.load(text, { PD_KEY: pasted });

  expect(pagerduty.readKey.reveal()).toBe('u+abcdefghijklmnopq');
  expect(pagerduty.writeKey.reveal()).toBe('u+abcdefghijklmnopq');
});

it.each([
  ['nobody', '', {}, null],
  [
    'the file, before the environment',
    'telemetry: { otlp: { endpoint: http://a:4318 } }\n',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318' },
    'http://a:4318',
  ],
  ['the environment', '', { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://b' }, 'https://b'],
  [
    'the environment, but nobody is to send any',
    '',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://b', OTEL_SDK_DISABLED: 'true' },
    null,
  ],
])('is told by %s where traces and metrics go', async (_who, text, environment, endpoint) => {
  await using folder = await aConfigFolder();
  const { otlp } = await folder.load(`${LEAST}${text}`, environment);
  expect(otlp?.endpoint ?? null).toBe(endpoint);
  await expect(folder.load(LEAST, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' })).rejects.toThrow(
    'http://host:4318',
  );
});
